"""Tags of collection versions, as Pulp lists them. Superusers only; parameters other than of pages are ignored."""

from __future__ import annotations

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.pagination import pulp_page
from cartwheel.api.views import PulpView
from cartwheel.registry.permissions import require_superuser
from cartwheel.registry.tags import tags


class Tags(PulpView):
    def get(self, request: Request) -> Response:
        """Each tag, with how many versions have it."""
        require_superuser(request.user)
        counts = [{"name": name, "count": count} for name, count in tags(request.user).items()]
        return pulp_page(request, counts, list)


urlpatterns: list[URLPattern] = [path("pulp_ansible/tags/", Tags.as_view())]
