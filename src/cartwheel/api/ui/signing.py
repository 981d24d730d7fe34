"""Signing, as the web UI asks for it. There are no signing services here, so none is the right one."""

from __future__ import annotations

from typing import NoReturn

from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from cartwheel.api.authentication import signed_in
from cartwheel.api.views import GalaxyView
from cartwheel.registry.contents import MODIFY
from cartwheel.registry.permissions import require


class Signing(GalaxyView):
    is_documented = False

    def post(self, request: Request, **_: str) -> NoReturn:
        """Says which signing service is missing."""
        require(signed_in(request), MODIFY)
        given = request.data if isinstance(request.data, dict) else {}
        service = given.get("signing_service")
        if not service:
            raise ValidationError({"signing_service": ["This field is required."]}, code="required")
        raise ValidationError({"signing_service": [f'Signing service "{service}" does not exist.']})


_PARTS = ("<str:path>/", "<str:namespace>/", "<str:collection>/", "<str:version>/")

urlpatterns: list[URLPattern] = [
    path("v1/collection_signing/" + "".join(_PARTS[:depth]), Signing.as_view())
    for depth in range(len(_PARTS) + 1)
]
