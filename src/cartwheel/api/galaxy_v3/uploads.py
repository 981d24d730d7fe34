"""Uploads of collections."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import import_href
from cartwheel.api.authentication import signed_in
from cartwheel.api.held import then_answer_with
from cartwheel.api.upload_parser import UploadedArtifact, UploadParser
from cartwheel.api.views import GalaxyView
from cartwheel.registry.uploads import start_import


class ArtifactField(serializers.FileField):
    def to_internal_value(self, data: Any) -> UploadedArtifact:
        checked = super().to_internal_value(data)
        if not isinstance(checked, UploadedArtifact):
            self.fail("invalid")
        return checked


class UploadForm(serializers.Serializer[None]):
    file = ArtifactField()
    sha256 = serializers.CharField(required=False, default="")


class Upload(GalaxyView):
    parser_classes = [UploadParser]

    def post(self, request: Request, path: str | None = None, distro: str | None = None) -> Response:
        """Import a collection into the repository behind a path. 202 and the address of the import."""
        form = UploadForm(data=request.data)
        form.is_valid(raise_exception=True)
        file: UploadedArtifact = form.validated_data["file"]
        started = start_import(
            file.upload,
            file.digests,
            file.name or "",
            by=signed_in(request),
            sha256=form.validated_data["sha256"],
            base_path=distro or path,
        )
        address = import_href(request, started.base_path, started.task.pk)
        return then_answer_with(request, Response({"task": address}, status=202), started.task.pk, address)


urlpatterns = [
    path("artifacts/collections/", Upload.as_view()),
    path("plugin/ansible/content/<str:distro>/collections/artifacts/", Upload.as_view()),
]
