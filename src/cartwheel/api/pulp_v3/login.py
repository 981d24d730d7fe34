"""Who one is, and a session, as Pulp has them. The web UI has its own (ui/login.py)."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.urls import URLPattern, path
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import TokenAuthentication, signed_in
from cartwheel.api.people_json import member
from cartwheel.api.views import PulpView


class Login(PulpView):
    def get_authenticators(self) -> list[BaseAuthentication]:
        is_post = self.request is not None and self.request.method == "POST"
        known: list[BaseAuthentication] = super().get_authenticators()
        return [each for each in known if not (is_post and isinstance(each, TokenAuthentication))]

    def get(self, request: Request) -> Response:
        """Who is asking."""
        return Response(member(request, signed_in(request)))

    def post(self, request: Request) -> Response:
        """Begin a session for whoever sends a password with it.

        Not for a token: who takes that away means to lock out whoever has it.
        """
        user = signed_in(request)
        login(request._request, user)
        return Response(member(request, user), status=201)

    def delete(self, request: Request) -> Response:
        """End the session."""
        logout(request._request)
        return Response(status=204)


urlpatterns: list[URLPattern] = [path("login/", Login.as_view())]
