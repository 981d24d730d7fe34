"""The short addresses that clients have known for longest: each leads to the full one.

Whatever the method, and before anybody has to sign in: that is asked where it leads to.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path as route
from django.utils.encoding import iri_to_uri
from django.views.decorators.csrf import csrf_exempt

from cartwheel.api.addresses import prefix_of

DEFAULT = "published"  # where the addresses without a path lead to
METHODS = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"

View = Callable[..., HttpResponse]


def leads_to(target: str) -> View:
    """A view that redirects to an address below v3/plugin/ansible/, and keeps the query.

    `target` may name the parts of the route in braces, and {distro}.
    """

    @csrf_exempt
    def view(request: HttpRequest, path: str | None = None, **named: str) -> HttpResponse:
        parts = {key: quote(value, safe="") for key, value in {"distro": path or DEFAULT, **named}.items()}
        address = f"{prefix_of(request)}v3/plugin/ansible/{target.format(**parts)}"
        query = request.META.get("QUERY_STRING", "")
        response = HttpResponseRedirect(iri_to_uri(f"{address}?{query}" if query else address))
        response["Allow"] = METHODS
        return response

    return view


@csrf_exempt
def nothing_here(request: HttpRequest, path: str | None = None) -> HttpResponse:
    """All content in one answer was here once; clients that find nothing ask for pages instead."""
    entry = {"status": "404", "code": "not_found", "title": "Not found."}
    return JsonResponse({"errors": [entry]}, status=404)


_INDEX = "content/{distro}/collections/index/"
_ONE = "<str:namespace>/<str:name>/"
_VERSION = f"{_ONE}versions/<str:version>/"
_NAMESPACES = "content/{distro}/namespaces/"

urlpatterns = [
    route("collections/all/", nothing_here),
    route("collection_versions/all/", nothing_here),
    route("", leads_to("content/{distro}/collections/")),
    route("collections/", leads_to(_INDEX)),
    route(f"collections/{_ONE}", leads_to(_INDEX + "{namespace}/{name}/")),
    route(f"collections/{_ONE}versions/", leads_to(_INDEX + "{namespace}/{name}/versions/")),
    route(f"collections/{_VERSION}", leads_to(_INDEX + "{namespace}/{name}/versions/{version}/")),
    route(
        f"collections/{_VERSION}docs-blob/",
        leads_to(_INDEX + "{namespace}/{name}/versions/{version}/docs-blob/"),
    ),
    route(
        "artifacts/collections/<str:repository>/<str:filename>",
        leads_to("content/{repository}/collections/artifacts/{filename}"),
    ),
    route("imports/collections/<str:identifier>/", leads_to("imports/collections/{identifier}/")),
    # Below content/<path>/ only: below v3/ itself, namespaces are found at this address.
    route("namespaces/", leads_to(_NAMESPACES)),
    route("namespaces/<str:name>/", leads_to(_NAMESPACES + "{name}/")),
]
