"""Addresses without the slash at their end."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.common import CommonMiddleware


class SlashMiddleware(CommonMiddleware):
    """Redirects to the address with the slash, whatever the method: galaxykit deletes groups without one.

    Django's own refuses to when details of bugs are shown, as a browser would lose what it posts;
    clients of the API keep the method and the body of a DELETE.
    """

    def get_full_path_with_slash(self, request: HttpRequest) -> str:
        return request.get_full_path(force_append_slash=True)
