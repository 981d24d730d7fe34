"""Content of every kind in one list, as Pulp shows it: versions and namespaces, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from operator import itemgetter
from uuid import UUID

from django.db.models import QuerySet
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.collection_filters import in_repository_version, may_ask, placed_there
from cartwheel.api.content_json import Document, content_base, namespace_base
from cartwheel.api.filters import Filter, Table, any_text, chosen_fields, conditions
from cartwheel.api.pagination import page_of, pulp_page
from cartwheel.api.references import VERSIONS
from cartwheel.api.views import PulpView
from cartwheel.registry.contents import known_to
from cartwheel.registry.counting import counted_lately
from cartwheel.registry.models import CollectionVersion, Namespace
from cartwheel.registry.pieces import Pieces
from cartwheel.registry.plans import how_many

FILTERS: Table = {"repository_version": Filter(any_text, in_repository_version)}
COLUMNS = ("namespace", "name", "version", "artifact_id", "created_at", "updated_at")

Row = tuple[datetime, CollectionVersion | Namespace]
Ids = QuerySet[CollectionVersion, UUID] | Pieces[UUID]


class Content(PulpView):
    def get(self, request: Request) -> Response:
        """Versions and namespaces that the user may know of, the newest first."""
        ids, count = _versions(request)
        namespaces = Namespace.objects.all()
        if request.query_params.get("repository_version"):
            namespaces = namespaces.none()
        rows = Newest(ids, namespaces, count)

        def represent(page: Sequence[CollectionVersion | Namespace]) -> list[Document]:
            return [chosen_fields(request, _document(request, each)) for each in page]

        return pulp_page(request, rows, represent, count=count + counted_lately(namespaces))


def _versions(request: Request) -> tuple[Ids, int]:
    """Their ids, the newest first, and how many they are."""
    may = may_ask(request)
    there = placed_there(request) if may else None
    if there is not None:
        return there, there.count
    rows = CollectionVersion.objects.all() if may else CollectionVersion.objects.none()
    wanted = known_to(request.user) & conditions(request, FILTERS)
    ids = rows.filter(wanted).order_by("-pk").values_list("pk", flat=True)  # ids grow with time
    return ids, how_many(rows, wanted)


@dataclass(frozen=True)
class Newest:
    """Both together, to take pages of. A database would put them all in order before it found one."""

    versions: Ids
    namespaces: QuerySet[Namespace]
    versions_count: int

    def __getitem__(self, part: slice) -> list[CollectionVersion | Namespace]:
        offset, limit = part.start, part.stop - part.start
        before = self._namespaces_before(offset)  # at most so many are passed over
        start = max(offset - before, 0)
        rows = merge(
            self._some_versions(start, offset + limit - start),
            self._first_namespaces(before + limit),
            key=itemgetter(0),
            reverse=True,
        )
        return [row for _, row in rows][offset - start : offset - start + limit]

    def _namespaces_before(self, offset: int) -> int:
        """How many are newer than the version that would stand there without them."""
        there = self._some_versions(offset, 1)
        newer = self.namespaces.filter(updated_at__gte=there[0][0]) if there else self.namespaces
        return newer.count()

    def _some_versions(self, offset: int, limit: int) -> list[Row]:
        wanted = page_of(self.versions, offset, limit, self.versions_count)
        rows = CollectionVersion.objects.filter(pk__in=wanted).order_by("-pk").only(*COLUMNS)
        return [(each.created_at, each) for each in rows]

    def _first_namespaces(self, count: int) -> list[Row]:
        rows = self.namespaces.order_by("-updated_at", "-pk").only("name", "updated_at")
        return [(each.updated_at, each) for each in rows[:count]]


def _document(request: Request, row: CollectionVersion | Namespace) -> Document:
    if isinstance(row, Namespace):
        return namespace_base(request, row) | {"artifacts": {f"{row.name}-avatar": None}}
    address, prn = f"{VERSIONS}{row.pk}/", f"prn:ansible.collectionversion:{row.pk}"
    return content_base(request, address, prn, row.created_at, row.updated_at) | {
        "artifacts": {row.filename: pulp(request, f"artifacts/{row.artifact_id}/")}
    }


urlpatterns: list[URLPattern] = [path("content/", Content.as_view())]
