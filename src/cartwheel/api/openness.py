"""What the hub shows to whoever is not signed in: nothing, unless it is told to."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView


class MayRead(IsAuthenticated):
    """Whoever is signed in; with CARTWHEEL_ANONYMOUS_ACCESS others too, as long as they only look."""

    openings: ClassVar[tuple[str, ...]] = ("read", "download")

    def has_permission(self, request: Request, view: APIView) -> bool:
        is_open = settings.CONFIG.anonymous_access in self.openings and request.method in SAFE_METHODS
        return is_open or super().has_permission(request, view)


class MayDownload(MayRead):
    openings = ("download",)
