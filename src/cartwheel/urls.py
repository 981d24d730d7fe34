"""All paths: the API under each of its prefixes, and the pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from cartwheel.api.addresses import prefixes
from cartwheel.api.broken import server_error
from cartwheel.api.galaxy_v3.downloads import file_urlpatterns
from cartwheel.api.galaxy_v3.roots import healthz
from cartwheel.api.openapi.views import page as api_docs
from cartwheel.api.pulp_v3.content import UploadedCollections
from cartwheel.api.pulp_v3.roots import OldAddress
from cartwheel.api.unknown import bad_request, page_not_found

handler400 = bad_request
handler404 = page_not_found
handler500 = server_error

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    *(path(prefix.lstrip("/"), include("cartwheel.api.urls")) for prefix in prefixes()),
    path("", include("cartwheel.api.events")),
    path("", include("cartwheel.api.metrics")),
    *file_urlpatterns,
    path("pulp/api/<path:rest>", OldAddress.as_view()),
    path("ansible/collections/", UploadedCollections.as_view()),
    path("api/docs/", api_docs, name="api-docs"),
    path("", include("cartwheel.web.urls")),
]
