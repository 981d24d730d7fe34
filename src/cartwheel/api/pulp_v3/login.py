"""Who one is, and a session, as Pulp has them. The web UI has its own (ui/login.py)."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.people_json import member
from cartwheel.api.views import PulpView


class Login(PulpView):
    def get(self, request: Request) -> Response:
        """Who is asking."""
        return Response(member(request, signed_in(request)))

    def post(self, request: Request) -> Response:
        """Begin a session for whoever sends a password or a token with it."""
        user = signed_in(request)
        login(request._request, user)
        return Response(member(request, user), status=201)

    def delete(self, request: Request) -> Response:
        """End the session."""
        logout(request._request)
        return Response(status=204)


urlpatterns: list[URLPattern] = [path("login/", Login.as_view())]
