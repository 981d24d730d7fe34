"""Content that is no collection version, as Pulp shows it: namespaces, deprecations and marks.

In Pulp, what is known of a namespace and what is said of a collection is content like a file. Here
these are rows of their own; the lists show them in that form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.collection_filters import in_repository_version, of_content, place
from cartwheel.api.content_json import Document, content_base, full_namespace
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Filter, Table, any_text, chosen_fields, ordered, several, texts
from cartwheel.api.keys import identified, last_part, uuids
from cartwheel.api.numbers import number_of, numbered_id
from cartwheel.api.pagination import pulp_page
from cartwheel.api.references import VERSIONS, as_uuid
from cartwheel.api.views import PulpView
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import CollectionVersion, Deprecation, Mark, Namespace, Repository
from cartwheel.registry.plans import unindexed

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


def _readable(request: Request) -> Q:
    """Of what is in repositories. Nobody asks for it by repository: it is read in the order of the list."""
    return unindexed(Q(repository__in=Repository.objects.filter(readable_by(request.user))))


def _in_repository(reference: str) -> Q:
    """What is said in the repository: it is not kept which of its versions that was said in."""
    where = place(reference)
    return Q(repository=where.repository) if where else Q(pk__in=[])


def _of_namespaces(reference: str) -> Q:
    held = CollectionVersion.objects.filter(in_repository_version(reference))
    return Q(name__in=held.values("namespace"))


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
            **texts("metadata_sha256", "metadata_sha256", "in"),
            **of_content(_of_namespaces),
            **identified(_numbers),
        },
        {"pk": "id", "name": "name", "pulp_created": "updated_at", "pulp_last_updated": "updated_at"},
    ),
    "collection_deprecations": Kind(
        "AnsibleCollectionDeprecated",
        lambda request: Deprecation.objects.filter(_readable(request)).select_related("collection"),
        _deprecation,
        number_of,
        {
            **texts("namespace", "collection__namespace"),
            **texts("name", "collection__name"),
            **of_content(_in_repository),
            **identified(_numbers),
        },
        _TIMES,
    ),
    "collection_marks": Kind(
        "CollectionVersionMark",
        lambda request: Mark.objects.filter(_readable(request)),
        _mark,
        as_uuid,
        {
            **texts("value", "value"),
            "marked_collection": Filter(any_text, lambda item: _marked([item])),
            "marked_collection__in": Filter(several, _marked),
            **of_content(_in_repository),
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


class Avatar(PulpView):
    """Where a namespace says that its logo is. Pages show it to everybody, so everybody may ask."""

    permission_classes = [AllowAny]

    def get(self, request: Request, identifier: str) -> Response:
        key = number_of(identifier)
        found = Namespace.objects.exclude(avatar_url="").filter(pk=key).first() if key else None
        if found is None:
            raise Http404("No AnsibleNamespaceMetadata matches the given query.")
        return Response(status=302, headers={"Location": found.avatar_url})


urlpatterns: list[URLPattern] = [
    path("content/ansible/namespaces/<str:identifier>/avatar/", Avatar.as_view()),
    *(path(f"content/ansible/{name}/", OfKind.as_view(kind=kind)) for name, kind in KINDS.items()),
    *(
        path(f"content/ansible/{name}/<str:identifier>/", OneOfKind.as_view(kind=kind))
        for name, kind in KINDS.items()
    ),
]
