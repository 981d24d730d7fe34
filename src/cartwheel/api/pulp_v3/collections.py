"""Collections, as Pulp lists them: what they are called, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Table, chosen_fields, ordered, texts
from cartwheel.api.keys import identified
from cartwheel.api.pagination import pulp_page
from cartwheel.api.views import PulpView
from cartwheel.registry.contents import known_to
from cartwheel.registry.models import Collection
from cartwheel.registry.plans import how_many

FILTERS: Table = {**texts("namespace", "namespace"), **texts("name", "name"), **identified()}
ORDERS = {
    "pk": "id",
    "pulp_id": "id",
    "pulp_created": "id",  # ids grow with time
    "pulp_last_updated": "updated_at",
    "namespace": "namespace",
    "name": "name",
}


class Collections(PulpView):
    def get(self, request: Request) -> Response:
        """The collections of which the user may know a version, the newest first."""
        rows, wanted = Collection.objects.all(), known_to(request.user, by="collection")
        wanted &= asked_for(request, FILTERS)
        found = ordered(request, rows.filter(wanted), ORDERS, last=("-id",), further={"namespace": ("name",)})

        def represent(page: Sequence[Collection]) -> list[dict[str, Any]]:
            return [chosen_fields(request, {"name": each.name, "namespace": each.namespace}) for each in page]

        return pulp_page(request, found, represent, count=how_many(rows, wanted))


urlpatterns: list[URLPattern] = [path("ansible/collections/", Collections.as_view())]
