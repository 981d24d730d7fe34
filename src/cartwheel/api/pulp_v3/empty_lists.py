"""Lists of things that this hub does not have, which clients ask for all the same; and the one guard."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.filters import Table, chosen_fields, conditions, texts
from cartwheel.api.pagination import pulp_page
from cartwheel.api.rendering import stamp
from cartwheel.api.views import PulpView
from cartwheel.registry.models import Repository
from cartwheel.registry.repository_documents import GUARD, GUARD_ID

FILTERS: Table = texts("name", "name", "iexact", "in", "contains", "icontains", "startswith")


class Empty(PulpView):
    """A list that is always empty."""

    filters: ClassVar[Table] = FILTERS

    def get(self, request: Request) -> Response:
        conditions(request, self.filters)
        return pulp_page(request, [], list)


class NotThere(PulpView):
    """One of the things of which there are none."""

    model: ClassVar[str] = "Content"

    def get(self, request: Request, identifier: str) -> Response:
        raise Http404(f"No {self.model} matches the given query.")


class Guards(PulpView):
    def get(self, request: Request) -> Response:
        """The guard of all downloads: it lets those pass who come with an address that the hub has signed."""
        conditions(request, FILTERS)
        name = request.query_params.get("name")
        rows = [_guard(request)] if name in (None, "", NAME) else []
        return pulp_page(request, rows, list)


class Guard(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        if identifier != str(GUARD_ID):
            raise Http404("No ContentRedirectContentGuard matches the given query.")
        return Response(_guard(request))


NAME = "ContentRedirectContentGuard"


def _guard(request: Request) -> dict[str, Any]:
    # It has been there since the hub has: the oldest repository is as old.
    since = Repository.objects.order_by("created_at").values_list("created_at", flat=True).first()
    document = {
        "pulp_href": pulp(request, GUARD),
        "prn": f"prn:core.contentredirectcontentguard:{GUARD_ID}",
        "pulp_created": stamp(since),
        "pulp_last_updated": stamp(since),
        "name": NAME,
        "description": None,
    }
    return chosen_fields(request, document)


_NOTHING = {  # list -> what Pulp calls one of what would be in it
    "signing-services": "SigningService",
    "uploads": "Upload",
    "content/ansible/collection_signatures": "CollectionVersionSignature",
    "content/ansible/roles": "Role",
}

urlpatterns: list[URLPattern] = [
    *(path(f"{name}/", Empty.as_view()) for name in _NOTHING),
    *(path(f"{name}/<str:identifier>/", NotThere.as_view(model=model)) for name, model in _NOTHING.items()),
    path("contentguards/", Guards.as_view()),
    path("contentguards/core/content_redirect/", Guards.as_view()),
    path("contentguards/core/content_redirect/<str:identifier>/", Guard.as_view()),
]
