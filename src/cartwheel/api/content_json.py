"""Content as Pulp shows it; what is known of a namespace is content there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework.request import Request

from cartwheel.api.addresses import pulp
from cartwheel.api.numbers import numbered_id
from cartwheel.api.rendering import stamp
from cartwheel.registry.models import Namespace

Document = dict[str, Any]


def content_base(request: Request, address: str, prn: str, created: datetime, updated: datetime) -> Document:
    return {
        "pulp_href": pulp(request, address),
        "prn": prn,
        "pulp_created": stamp(created),
        "pulp_last_updated": stamp(updated),
        "pulp_labels": {},
        "vuln_report": None,
    }


def namespace_base(request: Request, row: Namespace) -> Document:
    identifier = numbered_id(row.pk)
    address, prn = (
        f"content/ansible/namespaces/{identifier}/",
        f"prn:ansible.ansiblenamespacemetadata:{identifier}",
    )
    return content_base(request, address, prn, row.updated_at, row.updated_at)


def full_namespace(request: Request, row: Namespace) -> Document:
    return namespace_base(request, row) | {
        "name": row.name,
        "company": row.company,
        "email": row.email,
        "description": row.description,
        "resources": row.resources,
        "links": row.links,
        "avatar_sha256": None,
        "avatar_url": row.avatar_url or None,
        "metadata_sha256": row.metadata_sha256 or None,
    }
