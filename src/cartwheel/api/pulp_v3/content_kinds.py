"""Content of every kind, as Pulp shows it: versions, namespaces, deprecations and marks.

In Pulp, what is known of a namespace and what is said of a collection is content like a file. Here
these are rows of their own; the lists show them in that form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.collection_filters import in_repository_version, may_ask
from cartwheel.api.content_json import Document, content_base, full_namespace, namespace_base
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import (
    Filter,
    Table,
    any_text,
    chosen_fields,
    conditions,
    identified,
    last_part,
    ordered,
    several,
    texts,
    uuids,
)
from cartwheel.api.numbers import number_of, numbered_id
from cartwheel.api.pagination import pulp_page
from cartwheel.api.references import VERSIONS, as_uuid
from cartwheel.api.views import PulpView
from cartwheel.registry.contents import known_versions
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import CollectionVersion, Deprecation, Mark, Namespace, Repository

# -- all of it ------------------------------------------------------------------------------------

ALL_FILTERS: Table = {"repository_version": Filter(any_text, in_repository_version)}


class Content(PulpView):
    def get(self, request: Request) -> Response:
        """Versions and namespaces that the user may know of, the newest first."""
        wanted = conditions(request, ALL_FILTERS)
        versions = known_versions(request.user).filter(wanted)
        versions = versions if may_ask(request) else versions.none()
        rows: Any = _keyed(versions, "version", "created_at")
        if not request.query_params.get("repository_version"):
            rows = rows.union(_keyed(Namespace.objects.all(), "namespace", "updated_at"), all=True)
        rows = rows.order_by("-moment", "-key")
        return pulp_page(request, rows, lambda page: _contents(request, page))


def _keyed(rows: QuerySet[Any], kind: str, moment: str) -> QuerySet[Any, Any]:
    columns = {
        "kind": Value(kind, output_field=CharField()),
        "key": Cast("pk", CharField()),
        "moment": F(moment),
    }
    return rows.order_by().values(**columns)


def _contents(request: Request, page: Sequence[Document]) -> list[Document]:
    """Two statements."""
    keys = {kind: [row["key"] for row in page if row["kind"] == kind] for kind in ("version", "namespace")}
    wanted = CollectionVersion.objects.filter(pk__in=[UUID(each) for each in keys["version"]])
    columns = ("namespace", "name", "version", "artifact_id", "created_at", "updated_at")
    versions = {each.pk: each for each in wanted.only(*columns)}
    namespaces = Namespace.objects.in_bulk([int(each) for each in keys["namespace"]])
    shown = [
        _version(request, versions.get(UUID(row["key"])))
        if row["kind"] == "version"
        else _namespace(request, namespaces.get(int(row["key"])))
        for row in page
    ]
    return [chosen_fields(request, each) for each in shown if each]


def _version(request: Request, row: CollectionVersion | None) -> Document:
    if row is None:
        return {}
    address, prn = f"{VERSIONS}{row.pk}/", f"prn:ansible.collectionversion:{row.pk}"
    artifact = pulp(request, f"artifacts/{row.artifact_id}/")
    return content_base(request, address, prn, row.created_at, row.updated_at) | {
        "artifacts": {row.filename: artifact}
    }


def _namespace(request: Request, row: Namespace | None) -> Document:
    if row is None:
        return {}
    return namespace_base(request, row) | {"artifacts": {f"{row.name}-avatar": None}}


# -- namespaces, deprecations and marks -----------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A kind of content: which rows there are, how one looks and is found, what can be asked for."""

    model: str  # Pulp's name for it
    rows: Callable[[Request], QuerySet[Any]]
    represent: Callable[[Request, Any], Document]
    key: Callable[[str], Any]
    filters: Table
    orders: dict[str, str]


def _deprecation(request: Request, row: Deprecation) -> Document:
    identifier = numbered_id(row.pk)
    address = f"content/ansible/collection_deprecations/{identifier}/"
    prn = f"prn:ansible.ansiblecollectiondeprecated:{identifier}"
    return content_base(request, address, prn, row.created_at, row.created_at) | {
        "namespace": row.collection.namespace,
        "name": row.collection.name,
    }


def _mark(request: Request, row: Mark) -> Document:
    address = f"content/ansible/collection_marks/{row.pk}/"
    prn = f"prn:ansible.collectionversionmark:{row.pk}"
    return content_base(request, address, prn, row.created_at, row.created_at) | {
        "marked_collection": pulp(request, f"{VERSIONS}{row.collection_version_id}/"),
        "value": row.value,
    }


def _readable(request: Request) -> QuerySet[Repository]:
    return Repository.objects.filter(readable_by(request.user))


def _marked(references: list[str]) -> Q:
    return Q(collection_version__in=uuids(references))


def _numbers(items: Iterable[str]) -> list[int]:
    found = (number_of(last_part(each)) for each in items)
    return [each for each in found if each is not None]


_TIMES = {"pk": "id", "pulp_id": "id", "pulp_created": "created_at", "pulp_last_updated": "created_at"}
KINDS = {
    "namespaces": Kind(
        "AnsibleNamespaceMetadata",
        lambda request: Namespace.objects.all(),
        full_namespace,
        number_of,
        {
            **texts("name", "name", "in", "contains", "icontains"),
            **texts("metadata_sha256", "metadata_sha256"),
            **identified(_numbers),
        },
        {"pk": "id", "name": "name", "pulp_created": "updated_at", "pulp_last_updated": "updated_at"},
    ),
    "collection_deprecations": Kind(
        "AnsibleCollectionDeprecated",
        lambda request: Deprecation.objects.filter(repository__in=_readable(request)).select_related(
            "collection"
        ),
        _deprecation,
        number_of,
        {
            **texts("namespace", "collection__namespace"),
            **texts("name", "collection__name"),
            **identified(_numbers),
        },
        _TIMES,
    ),
    "collection_marks": Kind(
        "CollectionVersionMark",
        lambda request: Mark.objects.filter(repository__in=_readable(request)),
        _mark,
        as_uuid,
        {
            **texts("value", "value"),
            "marked_collection": Filter(any_text, lambda item: _marked([item])),
            "marked_collection__in": Filter(several, _marked),
            **identified(),
        },
        _TIMES,
    ),
}


class OfKind(PulpView):
    kind: ClassVar[Kind] = KINDS["namespaces"]

    def get(self, request: Request) -> Response:
        rows = self.kind.rows(request).filter(asked_for(request, self.kind.filters))
        found = ordered(request, rows, self.kind.orders, last=("-pk",))

        def represent(page: Sequence[Model]) -> list[Document]:
            return [chosen_fields(request, self.kind.represent(request, each)) for each in page]

        return pulp_page(request, found, represent)


class OneOfKind(PulpView):
    kind: ClassVar[Kind] = KINDS["namespaces"]

    def get(self, request: Request, identifier: str) -> Response:
        key = self.kind.key(identifier)
        found = self.kind.rows(request).filter(pk=key).first() if key else None
        if found is None:
            raise Http404(f"No {self.kind.model} matches the given query.")
        return Response(chosen_fields(request, self.kind.represent(request, found)))


urlpatterns: list[URLPattern] = [
    path("content/", Content.as_view()),
    *(path(f"content/ansible/{name}/", OfKind.as_view(kind=kind)) for name, kind in KINDS.items()),
    *(
        path(f"content/ansible/{name}/<str:identifier>/", OneOfKind.as_view(kind=kind))
        for name, kind in KINDS.items()
    ),
]
