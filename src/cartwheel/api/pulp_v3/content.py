"""Content, as Pulp shows it: collection versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.urls import path
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.authentication import signed_in
from cartwheel.api.collection_filters import PULP_VERSIONS, may_ask, placed_there
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import chosen_fields, listed, ordered, sorted_by
from cartwheel.api.galaxy_v3.uploads import ArtifactField, UploadForm
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import pulp_page
from cartwheel.api.parsing import JSONParser
from cartwheel.api.pulp_v3 import collections
from cartwheel.api.references import (
    A_REPOSITORY,
    AN_ARTIFACT,
    AN_UPLOAD,
    ReferenceField,
    find_artifact,
    find_repository,
    find_upload,
)
from cartwheel.api.rendering import stamp
from cartwheel.api.strictness import Strict
from cartwheel.api.text_field import TextField
from cartwheel.api.upload_parser import UploadParser
from cartwheel.api.views import PulpView, accepted
from cartwheel.kit.collection_files import read_manifest
from cartwheel.kit.digests import Digests
from cartwheel.kit.filenames import Filename, parse_filename
from cartwheel.registry.artifacts import Upload, receive
from cartwheel.registry.chunked_uploads import forget, joined
from cartwheel.registry.collections import HEAVY
from cartwheel.registry.contents import known_to, known_versions
from cartwheel.registry.files import open_artifact
from cartwheel.registry.models import CollectionVersion
from cartwheel.registry.pieces import Pieces
from cartwheel.registry.plans import how_many, is_many_to_look_up, unindexed
from cartwheel.registry.uploads import import_content

Row = dict[str, Any]

SOURCES = ("file", "upload", "artifact")
FULL_LIMIT = 10  # a page of so many rows shows all of each, a longer one leaves out what is heavy
HEAVY_LIMIT = 100  # rows, where what is heavy is asked for by name: each may have megabytes
ORDERS = {**collections.ORDERS, "version": "version_key"}
# Filters that are alone: the newest of what they find are read from an index of their own.
BY_INDEX: tuple[set[str], ...] = (set(), {"name"}, {"version"})
FURTHER = {"namespace": ("name", "-version_key")}  # as an index has it
COLUMNS = (
    "id",
    "created_at",
    "updated_at",
    "artifact_id",
    "artifact__sha224",
    "artifact__sha256",
    "artifact__sha384",
    "artifact__sha512",
)
PLAIN = (  # columns that are shown as they are
    "authors",
    "contents",
    "dependencies",
    "description",
    "documentation",
    "homepage",
    "issues",
    "license",
    "name",
    "namespace",
    "origin_repository",
    "version",
    "requires_ansible",
)


def _found(request: Request) -> tuple[QuerySet[CollectionVersion, UUID] | Pieces[UUID], int]:
    """The ids of the versions that are asked for, and how many they are."""
    may = may_ask(request)
    there = placed_there(request) if may else None
    if there is not None:
        return there, there.count
    rows = CollectionVersion.objects.all() if may else CollectionVersion.objects.none()
    known, asked = known_to(request.user), asked_for(request, PULP_VERSIONS)
    count = how_many(rows, known & asked)
    if is_many_to_look_up(count) and not _has_index(request):
        asked = unindexed(asked, but=sorted_by(request, ORDERS) or "id")
    in_order = ordered(request, rows.filter(known & asked), ORDERS, last=("-id",), further=FURTHER)
    return in_order.values_list("pk", flat=True), count


def _has_index(request: Request) -> bool:
    filters = {
        name for name, text in request.query_params.items() if text and (name in PULP_VERSIONS or name == "q")
    }
    return filters in BY_INDEX and "ordering" not in request.query_params


class CollectionVersions(PulpView):
    permission_classes = [MayRead]
    parser_classes = [UploadParser, JSONParser, FormParser]  # with a file, or without

    def get(self, request: Request) -> Response:
        """Versions that the user may know of, those in older versions of repositories too; the newest first."""
        ids, count = _found(request)

        def represent(page: Sequence[UUID]) -> list[Row]:
            wanted, heavy = CollectionVersion.objects.filter(pk__in=page), _heavy(request)
            if heavy and len(page) > HEAVY_LIMIT:
                message = f"With {' or '.join(heavy)}, a page can have {HEAVY_LIMIT} rows at most."
                raise ValidationError({"limit": [message]})
            rows = {row["id"]: row for row in wanted.values(*COLUMNS, *PLAIN, "tags", *heavy)}
            return [chosen_fields(request, _version(request, rows[pk])) for pk in page if pk in rows]

        return pulp_page(request, ids, represent, count=count)

    def post(self, request: Request) -> Response:
        """Import a collection, into a repository if one is named. Answers with the task."""
        by = signed_in(request)
        form = ContentForm(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        given = form.validated_data
        file, digests = _received(given)
        try:
            promised = _promised(given, file)
            _require_expected(given, promised)
            task = import_content(
                file,
                digests,
                str(promised),
                by=by,
                sha256=given["sha256"],
                repository=given.get("repository"),
            )
        finally:
            file.discard()
        if "upload" in given:
            forget(given["upload"])
        return accepted(request, task)


class UploadedCollections(CollectionVersions):
    """The same outside of all prefixes: the generated bindings know no other place to upload a collection to."""

    http_method_names = ["post", "options"]


class ContentForm(UploadForm, Strict[None]):
    """A file, an upload that is complete, or an artifact; the last two have no name but that of what is in them."""

    file = ArtifactField(required=False)
    upload = ReferenceField(AN_UPLOAD, find_upload, required=False)
    artifact = ReferenceField(AN_ARTIFACT, find_artifact, required=False)
    repository = ReferenceField(A_REPOSITORY, find_repository, required=False)
    expected_namespace = TextField(required=False, max_length=64)
    expected_name = TextField(required=False, max_length=64)
    expected_version = TextField(required=False, max_length=128)

    def validate(self, attrs: Row) -> Row:
        sources = [each for each in SOURCES if each in attrs]
        if not sources:
            raise ValidationError({"file": ["No file was submitted."]})
        if len(sources) > 1:
            raise ValidationError(f"Exactly one of {', '.join(SOURCES)} must be specified.")
        return attrs


def _received(given: Row) -> tuple[Upload, Digests]:
    """What is to be imported, as a file on this host. Raises Incomplete, UploadGone, ValidationError."""
    if "file" in given:
        return given["file"].upload, given["file"].digests
    if "upload" in given:
        return joined(given["upload"])
    try:
        with open_artifact(given["artifact"]) as kept:
            return receive(kept)
    except FileNotFoundError:
        raise ValidationError({"artifact": ["Its file is lost. Send the file itself."]}) from None


def _promised(given: Row, file: Upload) -> Filename:
    """Which collection it says it is: by its name, or by what is in it."""
    if "file" in given:
        return parse_filename(given["file"].name or "")
    with file.path.open("rb") as packed:
        manifest = read_manifest(packed)
    return Filename(manifest.namespace, manifest.name, manifest.version)


def _require_expected(given: Row, promised: Filename) -> None:
    """Raises ValidationError if the file is another collection's."""
    for key, is_there in asdict(promised).items():
        wanted = given.get(f"expected_{key}", is_there)
        if wanted != is_there:
            raise ValidationError({f"expected_{key}": [f"The file is of {key} {is_there}, not {wanted}."]})


class OneCollectionVersion(PulpView):
    permission_classes = [MayRead]

    def get(self, request: Request, identifier: str) -> Response:
        """One version, with all of its documentation and files."""
        try:
            found = known_versions(request.user).filter(pk=UUID(identifier))
        except ValueError:
            raise Http404("Not found.") from None
        row = found.values(*COLUMNS, *PLAIN, "tags", *HEAVY).first()
        if row is None:
            raise Http404("No CollectionVersion matches the given query.")
        return Response(chosen_fields(request, _version(request, row)))


class NoLabels(PulpView):
    """What pulp-cli would crash without."""

    def post(self, request: Request, identifier: str) -> Response:
        raise MethodNotAllowed(
            "POST", "Collection versions have no labels here. Label a repository that holds them."
        )


def _heavy(request: Request) -> tuple[str, ...]:
    """The heavy columns that a page of the list shows: those asked for by name, or all if it is short."""
    asked_for = set(listed(request, "fields"))
    if asked_for:
        return tuple(each for each in HEAVY if each in asked_for)
    limit = request.query_params.get("limit", "")
    is_short = limit.isascii() and limit.isdigit() and 0 < int(limit[:9]) <= FULL_LIMIT
    return HEAVY if is_short else ()


def _version(request: Request, row: Row) -> Row:
    return {
        "pulp_href": pulp(request, f"content/ansible/collection_versions/{row['id']}/"),
        "prn": f"prn:ansible.collectionversion:{row['id']}",
        "pulp_created": stamp(row["created_at"]),
        "pulp_last_updated": stamp(row["updated_at"]),
        "pulp_labels": {},
        "vuln_report": None,
        "artifact": pulp(request, f"artifacts/{row['artifact_id']}/"),
        "md5": None,
        "sha1": None,
        **{each: row[f"artifact__{each}"] or None for each in ("sha224", "sha256", "sha384", "sha512")},
        "id": str(row["id"]),
        **{each: row[each] for each in (*PLAIN, *HEAVY) if each in row},
        "tags": [{"name": each} for each in row["tags"]],
    }


urlpatterns = [
    path("content/ansible/collection_versions/", CollectionVersions.as_view()),
    path("content/ansible/collection_versions/<str:identifier>/", OneCollectionVersion.as_view()),
    *(
        path(f"content/ansible/collection_versions/<str:identifier>/{act}/", NoLabels.as_view())
        for act in ("set_label", "unset_label")
    ),
]
