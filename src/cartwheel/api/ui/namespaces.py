"""Namespaces as the web UI asks for them: all, and those of whoever asks."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import URLPattern, path
from rest_framework.request import Request

from cartwheel.api.authentication import signed_in
from cartwheel.api.galaxy_v3.namespaces import Namespaces, OneNamespace
from cartwheel.registry.models import Namespace
from cartwheel.registry.namespaces import owned_by


class MyNamespaces(Namespaces):
    def rows(self, request: Request) -> QuerySet[Namespace]:
        return owned_by(signed_in(request))


class MyNamespace(OneNamespace):
    def rows(self, request: Request) -> QuerySet[Namespace]:
        return owned_by(signed_in(request))


urlpatterns: list[URLPattern] = [
    path("v1/namespaces/", Namespaces.as_view()),
    path("v1/namespaces/<str:name>/", OneNamespace.as_view()),
    path("v1/my-namespaces/", MyNamespaces.as_view()),
    path("v1/my-namespaces/<str:name>/", MyNamespace.as_view()),
]
