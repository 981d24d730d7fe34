"""Signing in and out with a cookie, as the web UI does."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.middleware.csrf import get_token
from django.urls import URLPattern, path
from django.utils.cache import patch_cache_control
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, Serializer

from cartwheel.api.authentication import CsrfOnly
from cartwheel.api.views import GalaxyView
from cartwheel.registry.credentials import user_by_password
from cartwheel.registry.models import User


class _Credentials(Serializer[User]):
    username = CharField()
    password = CharField(trim_whitespace=False)


class Login(GalaxyView):
    authentication_classes = [CsrfOnly]
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        """Give the browser the cookie without which it cannot post here."""
        get_token(request._request)
        return _not_to_be_kept()

    def post(self, request: Request) -> Response:
        given = _Credentials(data=request.data)
        given.is_valid(raise_exception=True)
        user = user_by_password(**given.validated_data, address=request.META.get("REMOTE_ADDR", ""))
        if user is None:
            return Response(status=403)
        login(request._request, user)
        return _not_to_be_kept()


class Logout(GalaxyView):
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        """End the session. Doing it twice is fine."""
        logout(request._request)
        return Response(status=204)


def _not_to_be_kept() -> Response:
    response = Response(status=204)
    patch_cache_control(response, no_cache=True, no_store=True, must_revalidate=True)
    return response


urlpatterns: list[URLPattern] = [
    path("v1/auth/login/", Login.as_view()),
    path("v1/auth/logout/", Logout.as_view()),
]
