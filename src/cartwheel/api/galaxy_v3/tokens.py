"""The API token of whoever asks."""

from __future__ import annotations

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.views import GalaxyView
from cartwheel.registry.credentials import renew_token, revoke_token


class OwnToken(GalaxyView):
    def post(self, request: Request) -> Response:
        """Make a new token; the one before stops working. What was sent does not matter."""
        return Response({"token": renew_token(signed_in(request))})

    def delete(self, request: Request) -> Response:
        """Take the token away, if there is one."""
        revoke_token(signed_in(request))
        return Response(status=204)


urlpatterns: list[URLPattern] = [path("auth/token/", OwnToken.as_view())]
