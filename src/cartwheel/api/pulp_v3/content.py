"""Content, as Pulp shows it: collection versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.collection_filters import PULP_VERSIONS, may_ask
from cartwheel.api.filters import chosen_fields, conditions, listed, ordered
from cartwheel.api.pagination import pulp_page
from cartwheel.api.rendering import stamp
from cartwheel.api.views import PulpView
from cartwheel.registry.collections import HEAVY
from cartwheel.registry.contents import known_versions
from cartwheel.registry.models import CollectionVersion

Row = dict[str, Any]

FULL_LIMIT = 10  # a page of so many rows shows all of each, a longer one leaves out what is heavy
ORDERS = {
    "pk": "id",
    "pulp_id": "id",
    "pulp_created": "id",  # ids grow with time
    "pulp_last_updated": "updated_at",
    "namespace": "namespace",
    "name": "name",
    "version": "version_key",
}
COLUMNS = (
    "id",
    "created_at",
    "updated_at",
    "artifact_id",
    "artifact__sha224",
    "artifact__sha256",
    "artifact__sha384",
    "artifact__sha512",
)
PLAIN = (  # columns that are shown as they are
    "authors",
    "contents",
    "dependencies",
    "description",
    "documentation",
    "homepage",
    "issues",
    "license",
    "name",
    "namespace",
    "origin_repository",
    "version",
    "requires_ansible",
)


class CollectionVersions(PulpView):
    def get(self, request: Request) -> Response:
        """Versions that the user may know of, those in older versions of repositories too; the newest first."""
        found = known_versions(request.user).filter(conditions(request, PULP_VERSIONS))
        found = found if may_ask(request) else found.none()
        ids = ordered(request, found, ORDERS, last=("-id",)).values_list("pk", flat=True)

        def represent(page: Sequence[UUID]) -> list[Row]:
            wanted = CollectionVersion.objects.filter(pk__in=page)
            rows = {row["id"]: row for row in wanted.values(*COLUMNS, *PLAIN, "tags", *_heavy(request))}
            return [chosen_fields(request, _version(request, rows[pk])) for pk in page if pk in rows]

        return pulp_page(request, ids, represent)


class OneCollectionVersion(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        """One version, with all of its documentation and files."""
        try:
            found = known_versions(request.user).filter(pk=UUID(identifier))
        except ValueError:
            raise Http404("Not found.") from None
        row = found.values(*COLUMNS, *PLAIN, "tags", *HEAVY).first()
        if row is None:
            raise Http404("No CollectionVersion matches the given query.")
        return Response(chosen_fields(request, _version(request, row)))


def _heavy(request: Request) -> tuple[str, ...]:
    """The heavy columns that a page of the list shows: those asked for by name, or all if it is short."""
    asked_for = set(listed(request, "fields"))
    if asked_for:
        return tuple(each for each in HEAVY if each in asked_for)
    limit = request.query_params.get("limit", "")
    is_short = limit.isascii() and limit.isdigit() and 0 < int(limit[:9]) <= FULL_LIMIT
    return HEAVY if is_short else ()


def _version(request: Request, row: Row) -> Row:
    return {
        "pulp_href": pulp(request, f"content/ansible/collection_versions/{row['id']}/"),
        "prn": f"prn:ansible.collectionversion:{row['id']}",
        "pulp_created": stamp(row["created_at"]),
        "pulp_last_updated": stamp(row["updated_at"]),
        "pulp_labels": {},
        "vuln_report": None,
        "artifact": pulp(request, f"artifacts/{row['artifact_id']}/"),
        "md5": None,
        "sha1": None,
        **{each: row[f"artifact__{each}"] or None for each in ("sha224", "sha256", "sha384", "sha512")},
        "id": str(row["id"]),
        **{each: row[each] for each in (*PLAIN, *HEAVY) if each in row},
        "tags": [{"name": each} for each in row["tags"]],
    }


urlpatterns = [
    path("content/ansible/collection_versions/", CollectionVersions.as_view()),
    path("content/ansible/collection_versions/<str:identifier>/", OneCollectionVersion.as_view()),
]
