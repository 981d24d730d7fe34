"""Artifacts, as Pulp shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.collection_filters import in_repository_version, may_ask
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Filter, Table, any_text, chosen_fields, ordered, several, texts
from cartwheel.api.galaxy_v3.uploads import UploadForm
from cartwheel.api.keys import identified
from cartwheel.api.pagination import pulp_page
from cartwheel.api.references import as_uuid
from cartwheel.api.rendering import stamp
from cartwheel.api.upload_parser import UploadParser
from cartwheel.api.views import PulpView
from cartwheel.registry.contents import are_known_to, known_artifacts
from cartwheel.registry.loose_files import delete_file, keep_upload
from cartwheel.registry.models import Artifact, CollectionVersion
from cartwheel.registry.permissions import require_superuser
from cartwheel.registry.plans import how_many

DIGESTS = ("sha224", "sha256", "sha384", "sha512")


def _in_version(reference: str) -> Q:
    held = CollectionVersion.objects.filter(in_repository_version(reference))
    return Q(pk__in=held.values("artifact"))


FILTERS: Table = {
    **{name: filter_ for digest in DIGESTS for name, filter_ in texts(digest, digest).items()},
    "md5": Filter(any_text, lambda _: Q(pk__in=[])),  # these two are never computed
    "sha1": Filter(any_text, lambda _: Q(pk__in=[])),
    **identified(),
    "sha256__in": Filter(several, lambda values: Q(sha256__in=values)),
    "repository_version": Filter(any_text, _in_version),
}
ORDERS = {
    "pk": "id",
    "pulp_id": "id",
    "pulp_created": "id",  # ids grow with time
    "pulp_last_updated": "updated_at",
    "size": "size",
    **{digest: digest for digest in DIGESTS},
    **dict.fromkeys(("md5", "sha1", "file", "timestamp_of_interest"), ""),
}


class Artifacts(PulpView):
    parser_classes = [UploadParser]

    def get(self, request: Request) -> Response:
        """Those of versions that the user may know of, the newest first."""
        wanted = are_known_to(request.user) & asked_for(request, FILTERS)
        rows = Artifact.objects.all() if may_ask(request) else Artifact.objects.none()
        found = ordered(request, rows.filter(wanted), ORDERS, last=("-id",))

        def represent(page: Sequence[Artifact]) -> list[Any]:
            return [chosen_fields(request, _document(request, each)) for each in page]

        return pulp_page(request, found, represent, count=how_many(rows, wanted))

    def post(self, request: Request) -> Response:
        """Store a file. It is an orphan until something refers to it. Superusers only."""
        require_superuser(request.user)
        form = UploadForm(data=request.data)
        form.is_valid(raise_exception=True)
        file, said = form.validated_data["file"], form.validated_data["sha256"]
        if said and said.lower() != file.digests.sha256:
            raise ValidationError({"non_field_errors": ["The sha256 checksum did not match."]})
        document = _document(request, keep_upload(file.upload, file.digests))
        return Response(document, status=201, headers={"Location": document["pulp_href"]})


class OneArtifact(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        return Response(chosen_fields(request, _document(request, self.find(request, identifier))))

    def delete(self, request: Request, identifier: str) -> Response:
        delete_file(self.find(request, identifier), by=signed_in(request))
        return Response(status=204)

    def find(self, request: Request, identifier: str) -> Artifact:
        """Raises Http404."""
        wanted = as_uuid(identifier)
        if wanted is None:
            raise Http404("Not found.")
        found = known_artifacts(request.user).filter(pk=wanted).first()
        if found is None:
            raise Http404("No Artifact matches the given query.")
        return found


def _document(request: Request, artifact: Artifact) -> dict[str, Any]:
    return {
        "pulp_href": pulp(request, f"artifacts/{artifact.pk}/"),
        "prn": f"prn:core.artifact:{artifact.pk}",
        "pulp_created": stamp(artifact.created_at),
        "pulp_last_updated": stamp(artifact.updated_at),
        "file": f"artifact/{artifact.sha256[:2]}/{artifact.sha256[2:]}",
        "size": artifact.size,
        "md5": None,
        "sha1": None,
        **{digest: getattr(artifact, digest) or None for digest in DIGESTS},
    }


urlpatterns: list[URLPattern] = [
    path("artifacts/", Artifacts.as_view()),
    path("artifacts/<str:identifier>/", OneArtifact.as_view()),
]
