"""Search across repositories."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.collection_filters import plain, tags
from cartwheel.api.filters import listed, no_choice, yes_or_no
from cartwheel.api.keys import uuids
from cartwheel.api.numbers import numbered_id
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.rendering import stamp
from cartwheel.api.views import PulpView, accepted
from cartwheel.kit.errors import Invalid
from cartwheel.registry.models import Namespace, Repository
from cartwheel.registry.namespaces import published
from cartwheel.registry.permissions import require_superuser
from cartwheel.registry.repository_documents import any_repository
from cartwheel.registry.search import Criteria, details, search
from cartwheel.registry.search_index import rebuild_search
from cartwheel.registry.search_orders import ORDERS

Row = dict[str, Any]

NUMBER = re.compile(r"-?[0-9]{1,9}", re.ASCII)


class SearchVersions(PulpView):
    permission_classes = [MayRead]

    def get(self, request: Request, path: str | None = None) -> Response:
        """Collection versions, one result for each repository that has it. Unknown parameters are ignored."""
        criteria = read_criteria(request)
        try:
            found = search(criteria, by=request.user)
        except Invalid as problem:
            raise ValidationError([problem.message]) from None

        def represent(page: Sequence[int]) -> list[Row]:
            return _results(request, page, criteria.repository_version)

        keys = found.keys()
        return galaxy_page(request, keys, represent, count=keys.count)

    def post(self, request: Request, path: str | None = None) -> Response:
        """Work out again what search sorts and compares by. Answers with the task."""
        by = signed_in(request)
        require_superuser(by)
        return accepted(request, rebuild_search(by=by))


def read_criteria(request: Request) -> Criteria:
    """What the parameters ask for. Several names are known for the same thing. Raises ValidationError."""

    def text(*names: str) -> str:
        return plain(request, *names)

    def flag(*names: str) -> bool | None:
        return yes_or_no(text(*names))

    return Criteria(
        namespace=text("namespace"),
        name=text("name"),
        version=text("version"),
        version_range=text("version_range"),
        keywords=text("q", "keywords"),
        tags=tuple(tags(request)),
        dependency=text("dependency"),
        repositories=_ids(request, "repository"),
        repository_names=_each(request, "repository_name"),
        repository_labels=text("repository_label"),
        distributions=_ids(request, "distribution"),
        base_paths=_each(request, "distribution_base_path"),
        repository_version=_number(text("repository_version")),
        is_highest=flag("is_highest", "highest"),
        is_deprecated=flag("is_deprecated", "deprecated"),
        is_signed=flag("is_signed", "signed"),
        order=_order(text("order_by")),
    )


def _number(wanted: str) -> int | None:
    if wanted in ("", "latest"):
        return None
    if not NUMBER.fullmatch(wanted):
        raise ValidationError(["repository_version must be a number or latest."])
    return int(wanted)


def _order(wanted: str) -> str:
    for each in wanted.split(",") if wanted else ():
        if each.removeprefix("-") not in ORDERS:
            raise ValidationError({"order_by": [no_choice(each)]})
    return wanted


def _each(request: Request, name: str) -> tuple[str, ...]:
    """A parameter may be repeated, and each may be a list with commas."""
    return tuple(part.replace("\0", "\ufffd") for part in listed(request, name))


def _ids(request: Request, name: str) -> tuple[UUID, ...] | None:
    parts = _each(request, name)
    return tuple(uuids(list(parts))) if parts else None


def _results(request: Request, placements: Sequence[int], number: int | None) -> list[Row]:
    page = details(placements, repository_version=number)
    repositories = Repository.objects.in_bulk({row["repository_id"] for row in page})
    root = pulp(request, "")
    shown = {pk: any_repository(each, root=root) for pk, each in repositories.items()}
    namespaces = published({row["namespace"] for row in page}, repositories)
    return [
        {
            "repository": shown.get(row["repository_id"]),
            "collection_version": _version(request, row),
            "repository_version": "latest" if number is None else str(number),
            "namespace_metadata": _namespace(
                request, namespaces.get((row["repository_id"], row["namespace"]))
            ),
            "is_highest": row["highest"],
            "is_deprecated": row["deprecated"],
            "is_signed": False,
        }
        for row in page
    ]


def _namespace(request: Request, row: Namespace | None) -> Row | None:
    if row is None:
        return None
    return {
        "pulp_href": pulp(request, f"content/ansible/namespaces/{numbered_id(row.pk)}/"),
        "name": row.name,
        "company": row.company,
        "description": row.description,
        "avatar_url": row.avatar_url or None,
    }


def _version(request: Request, row: Row) -> Row:
    return {
        "pulp_href": pulp(request, f"content/ansible/collection_versions/{row['collection_version_id']}/"),
        "namespace": row["namespace"],
        "name": row["name"],
        "version": row["version"],
        "requires_ansible": row["requires_ansible"],
        "pulp_created": stamp(row["created_at"]),
        "contents": row["contents"],
        "dependencies": row["dependencies"],
        "description": row["description"],
        "tags": [{"name": each} for each in row["tags"]],
    }


urlpatterns = [path("plugin/ansible/search/collection-versions/", SearchVersions.as_view())]
