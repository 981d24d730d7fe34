"""Files that come in chunks, as Pulp's clients send them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.fields import IntegerField
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Table, chosen_fields, ordered
from cartwheel.api.galaxy_v3.uploads import UploadForm
from cartwheel.api.keys import identified
from cartwheel.api.pagination import pulp_page
from cartwheel.api.references import UPLOADS, as_uuid
from cartwheel.api.rendering import stamp
from cartwheel.api.repository_filters import numbers
from cartwheel.api.repository_input import read
from cartwheel.api.strictness import Strict
from cartwheel.api.text_field import TextField
from cartwheel.api.upload_parser import UploadedArtifact, UploadParser
from cartwheel.api.views import PulpView, accepted
from cartwheel.registry.chunked_uploads import (
    add_chunk,
    begin,
    forget,
    make_artifact,
    require_begin,
    uploads_of,
)
from cartwheel.registry.models import ChunkedUpload
from cartwheel.registry.permissions import require_superuser

RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d+|\*)", re.ASCII)
SIZES = ("size", "size__gt", "size__lt", "size__range")
FILTERS: Table = {
    **{name: each for name, each in numbers("size", "size").items() if name in SIZES},
    **identified(),
}
ORDERS = {
    "pk": "id",
    "pulp_id": "id",
    "pulp_created": "created_at",
    "pulp_last_updated": "updated_at",
    "size": "size",
}


class UploadInput(Strict[None]):
    size = IntegerField(min_value=1)


class CommitInput(Strict[None]):
    sha256 = TextField(max_length=128)


class UploadView(PulpView):
    @property
    def allowed_methods(self) -> list[str]:
        """Without OPTIONS, as clients of the real hub are told."""
        return [each for each in super().allowed_methods if each != "OPTIONS"]


class Uploads(UploadView):
    def get(self, request: Request) -> Response:
        """One's own, a superuser's all; the newest first."""
        rows = uploads_of(signed_in(request)).filter(asked_for(request, FILTERS))

        def represent(page: Sequence[ChunkedUpload]) -> list[Any]:
            return [chosen_fields(request, _document(request, each)) for each in page]

        return pulp_page(request, ordered(request, rows, ORDERS, last=("-id",)), represent)

    def post(self, request: Request) -> Response:
        """Begin to send a file of so many bytes, for whoever may publish something."""
        by = signed_in(request)
        require_begin(by)
        document = _document(request, begin(**read(UploadInput, request), by=by))
        return Response(document, status=201, headers={"Location": document["pulp_href"]})


class OneUpload(UploadView):
    parser_classes = [UploadParser]

    def get(self, request: Request, identifier: str) -> Response:
        """With what has come of it so far."""
        found = _find(request, identifier)
        chunks = found.chunks.order_by("start").values_list("start", "size")
        told = [{"offset": start, "size": size} for start, size in chunks]
        return Response(chosen_fields(request, _document(request, found) | {"chunks": told}))

    def put(self, request: Request, identifier: str) -> Response:
        """Send a chunk. The header Content-Range says where in the file it stands."""
        upload = _find(request, identifier)
        form = UploadForm(data=request.data)
        form.is_valid(raise_exception=True)
        file, said = form.validated_data["file"], form.validated_data["sha256"]
        start = _start(request, file, upload)
        if said and said.lower() != file.digests.sha256:
            raise ValidationError(["Checksum does not match chunk upload."])
        add_chunk(upload, file.upload, start)
        upload.refresh_from_db()
        return Response(_document(request, upload))

    def delete(self, request: Request, identifier: str) -> Response:
        forget(_find(request, identifier))
        return Response(status=204)


class Commit(UploadView):
    def post(self, request: Request, identifier: str) -> Response:
        """Make an artifact of what was sent, as a task. Superusers only."""
        upload, by = _find(request, identifier), signed_in(request)
        require_superuser(by)
        return accepted(request, make_artifact(upload, **read(CommitInput, request), by=by))


def _find(request: Request, identifier: str) -> ChunkedUpload:
    """Raises Http404."""
    wanted = as_uuid(identifier)
    found = uploads_of(signed_in(request)).filter(pk=wanted).first() if wanted else None
    if found is None:
        raise Http404("No Upload matches the given query.")
    return found


def _start(request: Request, file: UploadedArtifact, upload: ChunkedUpload) -> int:
    """Where a chunk begins. Raises ValidationError, in Pulp's words, if it does not fit there."""
    match = RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if match is None:
        raise ValidationError({"non_field_errors": ["Invalid or missing content range header."]})
    start, end = int(match[1]), int(match[2])
    if end - start + 1 != file.digests.size:
        raise ValidationError({"non_field_errors": ["Chunk size does not match content range."]})
    if end >= upload.size:
        raise ValidationError({"non_field_errors": ["End byte is greater than upload size."]})
    return start


def _document(request: Request, upload: ChunkedUpload) -> dict[str, Any]:
    return {
        "pulp_href": pulp(request, f"{UPLOADS}{upload.pk}/"),
        "prn": upload.prn,
        "pulp_created": stamp(upload.created_at),
        "pulp_last_updated": stamp(upload.updated_at),
        "size": upload.size,
    }


urlpatterns: list[URLPattern] = [
    path("uploads/", Uploads.as_view()),
    path("uploads/<str:identifier>/", OneUpload.as_view()),
    path("uploads/<str:identifier>/commit/", Commit.as_view()),
]
