"""Downloads: an address for those who are signed in, which leads to one that serves the file."""

from __future__ import annotations

import logging
import re
from urllib.parse import quote

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from cartwheel.api.addresses import origin
from cartwheel.api.openness import MayDownload
from cartwheel.api.ranges import answer_with
from cartwheel.api.signed_links import VALID_SECONDS, is_valid, signed
from cartwheel.api.views import GalaxyView
from cartwheel.kit.errors import NotFound
from cartwheel.registry.collections import count_download, find_version_in
from cartwheel.registry.distributions import find_served, served_at
from cartwheel.registry.files import link_to, open_artifact
from cartwheel.registry.models import CollectionVersion

FILES = "pulp/content/"
FILENAME = re.compile(r"(?P<namespace>[a-z0-9_]+)-(?P<name>[a-z0-9_]+)-(?P<version>[0-9A-Za-z.+-]+)\.tar\.gz")

log = logging.getLogger(__name__)


class Download(GalaxyView):
    permission_classes = [MayDownload]

    def get(
        self, request: Request, distro: str, filename: str, path: str | None = None
    ) -> HttpResponseRedirect:
        """Where the file is, for whoever may read the repository. Whether there is one is told there."""
        served_at(distro, to=request.user)
        return HttpResponseRedirect(origin(request) + signed(f"/{FILES}{distro}/{filename}"))


@csrf_exempt  # else who would write is told of a form that is too old, not that one cannot
@require_safe
def serve(request: HttpRequest, distro: str, filename: str) -> HttpResponseBase:
    """The file, for whoever has a signed address."""
    token, expires = request.GET.get("validate_token", ""), request.GET.get("expires", "")
    if not is_valid(f"/{FILES}{distro}/{filename}", expires, token):
        return HttpResponse("This link is not valid or has expired. Ask the hub for a new one.", status=403)
    found = _find(distro, filename)
    if request.method == "GET" and (address := link_to(found.artifact, VALID_SECONDS)):
        _count(found)
        return HttpResponseRedirect(address)
    try:
        file = open_artifact(found.artifact)
    except FileNotFoundError:
        log.error("the file of %s is missing from the store", found)
        raise Http404 from None
    response = answer_with(
        request,
        file,
        size=found.artifact.size,
        etag=f'"{found.artifact.sha256}"',
        kind="application/gzip",
    )
    response["Content-Disposition"] = f'attachment; filename="{quote(found.filename, safe="+")}"'
    if request.method == "GET" and response.status_code == 200:
        _count(found)
    return response


def _find(distro: str, filename: str) -> CollectionVersion:
    named = FILENAME.fullmatch(filename)
    if named is None:
        raise Http404
    try:
        return find_version_in(find_served(distro), **named.groupdict())
    except NotFound:
        raise Http404 from None


def _count(found: CollectionVersion) -> None:
    try:
        count_download(found.collection_id)
    except DatabaseError as problem:  # a busy database is no reason to keep the file from anybody
        log.warning("a download of %s was not counted: %s", found, problem)


urlpatterns = [
    path("plugin/ansible/content/<str:distro>/collections/artifacts/<str:filename>", Download.as_view())
]
file_urlpatterns = [path(f"{FILES}<str:distro>/<str:filename>", serve)]
