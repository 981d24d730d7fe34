"""Artifacts, as Pulp shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.urls import URLPattern, path
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field, IntegerField
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.collection_filters import in_repository_version, may_ask, of_content
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Filter, Table, any_text, chosen_fields, ordered, several, texts
from cartwheel.api.galaxy_v3.uploads import ArtifactField
from cartwheel.api.keys import identified
from cartwheel.api.pagination import pulp_page
from cartwheel.api.parsing import JSONParser
from cartwheel.api.references import as_uuid
from cartwheel.api.rendering import stamp
from cartwheel.api.repository_input import SHOWN
from cartwheel.api.strictness import Strict
from cartwheel.api.text_field import TextField
from cartwheel.api.upload_parser import UploadedArtifact, UploadParser
from cartwheel.api.views import PulpView
from cartwheel.registry.contents import are_known_to, known_artifacts
from cartwheel.registry.loose_files import IS_LOOSE, delete_file, keep_upload
from cartwheel.registry.models import Artifact, CollectionVersion
from cartwheel.registry.permissions import require_superuser
from cartwheel.registry.plans import how_many

DIGESTS = ("sha224", "sha256", "sha384", "sha512")
IN_OR_OUT = ("repository_version", "orphaned_for")
NEVER = ("md5", "sha1")  # these two are never computed


def _in_version(reference: str) -> Q:
    held = CollectionVersion.objects.filter(in_repository_version(reference))
    return Q(pk__in=held.values("artifact"))


def _orphaned_for(minutes: float) -> Q:
    return Q(IS_LOOSE, updated_at__lte=timezone.now() - timedelta(minutes=minutes))


FILTERS: Table = {
    **{name: filter_ for digest in DIGESTS for name, filter_ in texts(digest, digest).items()},
    **dict.fromkeys(NEVER, Filter(any_text, lambda _: Q(pk__in=[]))),
    **identified(),
    "sha256__in": Filter(several, lambda values: Q(sha256__in=values)),
    **{
        name: each
        for name, each in of_content(_in_version, orphaned=_orphaned_for).items()
        if name in IN_OR_OUT
    },
}
ORDERS = {
    "pk": "id",
    "pulp_id": "id",
    "pulp_created": "id",  # ids grow with time
    "pulp_last_updated": "updated_at",
    "size": "size",
    **{digest: digest for digest in DIGESTS},
    **dict.fromkeys((*NEVER, "file", "timestamp_of_interest"), ""),
}


class ArtifactInput(Strict[None]):
    """A file, and what its sender knows of it."""

    also_known = SHOWN

    file = ArtifactField(allow_empty_file=True)
    size = IntegerField(required=False)

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        said = {
            name: TextField(required=False, allow_blank=True, allow_null=True) for name in (*NEVER, *DIGESTS)
        }
        return {**super().get_fields(), **said}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What is said must be so, and there may be no such file yet."""
        digests = attrs["file"].digests
        if attrs.get("size", digests.size) != digests.size:
            raise ValidationError("The size did not match actual size of file.")
        if unknown := [name for name in NEVER if attrs.get(name) is not None]:
            raise ValidationError(f"Checksum algorithms {unknown} forbidden for this Pulp instance.")
        for name in DIGESTS:
            said = attrs.get(name)
            if said is not None and said.lower() != getattr(digests, name):
                raise ValidationError(f"The {name} checksum did not match.")
        if Artifact.objects.filter(sha256=digests.sha256).exists():
            raise ValidationError(f"Artifact with sha256 checksum of '{digests.sha256}' already exists.")
        return attrs


class Artifacts(PulpView):
    parser_classes = [UploadParser, JSONParser, FormParser]

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
        form = ArtifactInput(data=request.data)
        form.is_valid(raise_exception=True)
        file: UploadedArtifact = form.validated_data["file"]
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
