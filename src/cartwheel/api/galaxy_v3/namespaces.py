"""Namespaces, by their names."""

from __future__ import annotations

from functools import partial

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.filters import Filter, any_text, conditions, understood
from cartwheel.api.namespace_input import NamespaceInput
from cartwheel.api.namespace_json import namespaces, one_namespace
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.sorting import by_sort
from cartwheel.api.views import GalaxyView
from cartwheel.kit.texts import is_storable
from cartwheel.registry.models import Namespace
from cartwheel.registry.namespaces import change_namespace, create_namespace, delete_namespace
from cartwheel.registry.permissions import require

FILTERS = {
    "name": Filter(any_text, lambda value: Q(name=value)),
    "company": Filter(any_text, lambda value: Q(company=value)),
}
KEYWORDS_LIMIT = 50
ORDERS = ("name", "company", "id")


class Namespaces(GalaxyView):
    permission_classes = [MayRead]

    def rows(self, request: Request) -> QuerySet[Namespace]:
        """Those that the list is about."""
        return Namespace.objects.all()

    def get(self, request: Request) -> Response:
        found = by_sort(request, _filtered(request, self.rows(request)), ORDERS)
        return galaxy_page(request, found, lambda page: namespaces(request, page))

    def post(self, request: Request) -> Response:
        """Make one. A task publishes what is told of it."""
        user = signed_in(request)
        require(user, "galaxy.add_namespace")
        given = NamespaceInput(data=request.data)
        given.is_valid(raise_exception=True)
        document = one_namespace(request, create_namespace(given.validated_data, by=user))
        return Response(document, status=201, headers={"Location": document["pulp_href"]})


class OneNamespace(GalaxyView):
    permission_classes = [MayRead]

    def rows(self, request: Request) -> QuerySet[Namespace]:
        return Namespace.objects.all()

    def get(self, request: Request, name: str) -> Response:
        return Response(one_namespace(request, self.find(request, name)))

    def put(self, request: Request, name: str) -> Response:
        return self._change(request, name, is_partial=False)

    def patch(self, request: Request, name: str) -> Response:
        return self._change(request, name, is_partial=True)

    def delete(self, request: Request, name: str) -> Response:
        delete_namespace(self.find(request, name), by=signed_in(request))
        return Response(status=204)

    def find(self, request: Request, name: str) -> Namespace:
        """Raises Http404."""
        found = self.rows(request).filter(name=name).first() if is_storable(name) else None
        if found is None:
            raise Http404
        return found

    def _change(self, request: Request, name: str, *, is_partial: bool) -> Response:
        """What is not sent stays as it is, except that a PUT must say the name."""
        namespace, user = self.find(request, name), signed_in(request)
        require(user, "galaxy.change_namespace", namespace)
        given = NamespaceInput(data=request.data, partial=is_partial)
        given.is_valid(raise_exception=True)
        return Response(one_namespace(request, change_namespace(namespace, given.validated_data, by=user)))


def _filtered(request: Request, rows: QuerySet[Namespace]) -> QuerySet[Namespace]:
    wanted = conditions(request, FILTERS, also=request.query_params)
    for keyword in request.query_params.getlist("keywords")[:KEYWORDS_LIMIT]:
        understood("keywords", partial(any_text, keyword))
        wanted &= Q(name__icontains=keyword) | Q(company__icontains=keyword)
    return rows.filter(wanted)


urlpatterns: list[URLPattern] = [
    path("namespaces/", Namespaces.as_view()),
    path("namespaces/<str:name>/", OneNamespace.as_view()),
]
