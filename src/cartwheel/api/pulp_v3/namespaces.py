"""Namespaces as Pulp's API names them, by number. Roles are given on these addresses."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import ordered, texts
from cartwheel.api.keys import identified, numbers_of
from cartwheel.api.namespace_json import namespaces, one_namespace
from cartwheel.api.numbers import find_numbered
from cartwheel.api.pagination import pulp_page
from cartwheel.api.views import PulpView
from cartwheel.registry.models import Namespace

FILTERS = {
    **texts("name", "name", "iexact", "in", "contains", "icontains", "startswith"),
    **texts("company", "company", "iexact", "in", "contains", "icontains"),
    **identified(numbers_of),
}
ORDERS = {"id": "id", "name": "name", "company": "company"}


class Namespaces(PulpView):
    def get(self, request: Request) -> Response:
        wanted = asked_for(request, FILTERS, also=("include_related",))
        rows: QuerySet[Namespace] = Namespace.objects.filter(wanted)
        found = ordered(request, rows, ORDERS, last=("-id",))
        return pulp_page(request, found, lambda page: namespaces(request, page))


class OneNamespace(PulpView):
    def get(self, request: Request, number: str) -> Response:
        return Response(one_namespace(request, find_numbered(Namespace.objects.all(), number)))


urlpatterns: list[URLPattern] = [
    path("pulp_ansible/namespaces/", Namespaces.as_view()),
    path("pulp_ansible/namespaces/<str:number>/", OneNamespace.as_view()),
]
