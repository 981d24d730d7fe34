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
from cartwheel.api.collection_filters import PULP_VERSIONS, may_ask, of_content, placed_there
from cartwheel.api.content_json import Document, content_base, namespace_base
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Table, chosen_fields, ordered
from cartwheel.api.keys import ID_NAMES, typed
from cartwheel.api.pagination import page_of, pulp_page
from cartwheel.api.pulp_v3.content_kinds import KINDS
from cartwheel.api.references import VERSIONS
from cartwheel.api.views import PulpView
from cartwheel.registry.contents import known_to
from cartwheel.registry.counting import counted_lately
from cartwheel.registry.models import CollectionVersion, Namespace
from cartwheel.registry.pieces import Pieces
from cartwheel.registry.plans import how_many

TYPES = (  # that Pulp knows
    "ansible.collection_deprecation",
    "ansible.collection_mark",
    "ansible.collection_signature",
    "ansible.collection_version",
    "ansible.namespace",
    "ansible.role",
    "container.blob",
    "container.manifest",
    "container.signature",
    "container.tag",
    "core.openpgp_publickey",
    "core.openpgp_publicsubkey",
    "core.openpgp_signature",
    "core.openpgp_userattribute",
    "core.openpgp_userid",
    "file.file",
)
COMMON = (*of_content(), *(f"{name}__in" for name in ID_NAMES))
FILTERS: Table = {
    **{name: PULP_VERSIONS[name] for name in COMMON},
    **typed(TYPES, "ansible.collection_version"),
}
OF_NAMESPACES: Table = {
    **{name: KINDS["namespaces"].filters[name] for name in COMMON},
    **of_content(),  # by themselves they are in no version of a repository
    **typed(TYPES, "ansible.namespace"),
}
ORDERS = {"pk": ""}  # may be named, and change nothing: content of several kinds has one order
COLUMNS = ("namespace", "name", "version", "artifact_id", "created_at", "updated_at")

Row = tuple[datetime, CollectionVersion | Namespace]
Ids = QuerySet[CollectionVersion, UUID] | Pieces[UUID]


class Content(PulpView):
    def get(self, request: Request) -> Response:
        """Versions and namespaces that the user may know of, the newest first."""
        ids, count = _versions(request)
        namespaces = Namespace.objects.filter(asked_for(request, OF_NAMESPACES))
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
    wanted = known_to(request.user) & asked_for(request, FILTERS)
    found = ordered(request, rows.filter(wanted), ORDERS, last=("-pk",))  # ids grow with time
    ids = found.values_list("pk", flat=True)
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
