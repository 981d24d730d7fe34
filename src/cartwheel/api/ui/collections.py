"""Collections, as the UI wants them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.urls import path
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.collection_filters import plain
from cartwheel.api.collection_filters import tags as wanted_tags
from cartwheel.api.filters import conditions, no_choice, yes_or_no
from cartwheel.api.namespace_json import namespaces
from cartwheel.api.openness import MayRead
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.rendering import stamp
from cartwheel.api.views import GalaxyView
from cartwheel.engine.prepared import GivenSeveral, Query
from cartwheel.kit.errors import Invalid
from cartwheel.registry.collections import (
    find_in,
    ids_in,
    ids_in_pieces,
    is_there,
    standing_of,
    versions_in,
)
from cartwheel.registry.distributions import served_at
from cartwheel.registry.models import CollectionVersion, Namespace, Repository, RepositoryContent
from cartwheel.registry.repositories import placed_at
from cartwheel.registry.search import About, about, is_version
from cartwheel.registry.shelves import readable_versions, shelved, where_they_are

Row = dict[str, Any]

METADATA = (  # columns that are shown under metadata, as they are
    "dependencies",
    "contents",
    "documentation",
    "homepage",
    "issues",
    "description",
    "authors",
    "license",
    "tags",
)
PARTS = tuple(  # parameters for parts of names and versions
    f"{column}__{lookup}"
    for column in ("namespace", "name", "version")
    for lookup in ("contains", "icontains", "startswith")
)
OF_REPOSITORY = (  # what its collections can be asked for
    "namespace",
    "name",
    "version",
    "keywords",
    "tags",
    "deprecated",
    "sign_state",
    "include_related",
)
SORTS = {  # what `sort` calls the orders of a search
    "pulp_created": "pulp_created",
    "namespace": "namespace",
    "collection": "name",
    "version": "version",
}
COLUMNS = (
    "id",
    "namespace",
    "name",
    "version",
    "requires_ansible",
    "created_at",
    "origin_repository",
    *METADATA,
)


class RepositoryCollections(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request, distro: str) -> Response:
        """The collections of a repository with their highest version, a page of them, the newest first."""
        repository = served_at(distro, to=request.user)
        conditions(request, {}, also=OF_REPOSITORY)
        deprecated = yes_or_no(plain(request, "deprecated"))
        names, says = _of_versions(request), _about(request)
        if not _may_be_unsigned(request):
            names &= Q(pk__in=[])

        def having(said: Q) -> QuerySet[RepositoryContent, UUID]:
            has_names = bool(names) or says.is_by_few
            return ids_in(repository, names & said, deprecated=deprecated, has_names=has_names)

        found, all_of_them = map(having, _says(says, repository))
        ids = ids_in_pieces(found, repository, reads_versions=bool(says.condition), to_count=all_of_them)

        def represent(page: Sequence[UUID]) -> list[Row]:
            return _collections(request, repository, page)

        return galaxy_page(request, ids, represent, count=ids.count)


def _says(says: About, repository: Repository) -> tuple[Q, Q]:
    """Of placements of collections: does any version there say that? Asked for a page, and to count them."""
    if not says.condition:
        return Q(), Q()
    fitting = RepositoryContent.objects.filter(is_there(repository), says.condition)
    if says.is_by_few:
        few = Q(collection__in=list(fitting.values_list("collection", flat=True)))
        return few, few
    here = RepositoryContent.objects.filter(placed_at(repository.at), says.joined, repository=repository)
    of_each = Q(Exists(fitting.filter(collection=OuterRef("collection"))))
    return of_each, Q(collection__in=here.values("collection"))


def _exact(request: Request, *names: str) -> Q:
    given = {each: plain(request, each) for each in names}
    return Q(**{name: value for name, value in given.items() if value})


def _of_versions(request: Request) -> Q:
    """Of placements: have they the namespace, the name and the version that are asked for?"""
    wanted = _exact(request, "namespace", "name")
    version = plain(request, "version")
    return wanted & is_version(version, "collection_version__") if version else wanted


def _may_be_unsigned(request: Request) -> bool:
    """Is not only what is signed asked for? Signatures are not kept here."""
    return "unsigned" in (plain(request, "sign_state") or "unsigned").split(",")


def _about(request: Request) -> About:
    return about(plain(request, "keywords", "q"), wanted_tags(request))


class RepositoryCollection(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request, distro: str, namespace: str, name: str) -> Response:
        """One collection with all its versions, and all about one of them: the highest, or `version`."""
        repository = served_at(distro, to=request.user)
        found = find_in(repository, namespace, name)
        rows = versions_in(repository, namespace, name)
        versions: list[Row] = [dict(each) for each in rows.values("id", "version", "created_at")]
        wanted = request.query_params.get("version") or versions[0]["version"]
        chosen = next((each["id"] for each in versions if each["version"] == wanted), None)
        if chosen is None:
            raise Http404
        shown = _collections(request, repository, [found.pk], chosen=chosen)[0]
        shown["latest_version"]["docs_blob"] = CollectionVersion.objects.values_list(
            "docs_blob", flat=True
        ).get(pk=chosen)
        shown["all_versions"] = [_brief(each) for each in versions]
        return Response(shown)


def _brief(row: Row) -> Row:
    return {
        "id": str(row["id"]),
        "version": row["version"],
        "created": str(row["created_at"].astimezone(UTC)),
        "sign_state": "unsigned",
    }


def _collections(
    request: Request, repository: Repository, ids: Sequence[UUID], *, chosen: UUID | None = None
) -> list[Row]:
    """Those collections, in that order, each with its highest version there or with the chosen one."""
    found = standing_of(ids, repository)
    here = [found[pk] for pk in ids if pk in found]
    wanted = [chosen] if chosen else [each.highest for each in here]
    versions = {row["collection_id"]: _version(row) for row in _version_rows(ids=wanted)}
    owners = list(Namespace.objects.filter(name__in={each.namespace for each in here}))
    shown = {each["name"]: each for each in namespaces(request, owners)}
    return [
        {
            "id": versions[each.collection]["id"],
            "namespace": shown.get(each.namespace),
            "name": each.name,
            "download_count": each.download_count,
            "latest_version": versions[each.collection],
            "deprecated": each.is_deprecated,
            "sign_state": "unsigned",
        }
        for each in here
        if each.collection in versions
    ]


_version_rows = Query(
    lambda: CollectionVersion.objects.filter(
        pk__among=GivenSeveral("ids", CollectionVersion._meta.pk)
    ).values("collection_id", *COLUMNS)
)


def _version(row: Row) -> Row:
    """Made from COLUMNS."""
    return {
        "id": str(row["id"]),
        "namespace": row["namespace"],
        "name": row["name"],
        "version": row["version"],
        "requires_ansible": row["requires_ansible"],
        "created_at": stamp(row["created_at"]),
        "metadata": {
            **{each: row[each] for each in METADATA},
            "repository": row["origin_repository"],
            "signatures": [],
        },
        "contents": row["contents"],
        "sign_state": "unsigned",
    }


class CollectionVersions(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request) -> Response:
        """Versions in any repository, a page of them, as they came, or as `sort` asks; of one namespace, by name."""
        says = _about_one(request)
        try:
            found = shelved(
                request.user,
                _of_versions(request),
                says,
                base_path=plain(request, "repository"),
                version_range=plain(request, "version_range"),
                order=_order(request),
            )
        except Invalid as problem:
            raise ValidationError([problem.message]) from None

        def represent(page: Sequence[UUID]) -> list[Row]:
            return _versions(page, request)

        keys = found.keys()
        return galaxy_page(request, keys, represent, count=keys.count)


def _about_one(request: Request) -> About:
    parts = {each: text for each in PARTS if (text := plain(request, each))}
    dependency = plain(request, "dependency")
    return about(plain(request, "keywords"), wanted_tags(request), dependency=dependency, parts=parts)


def _order(request: Request) -> str:
    """One of a search. Raises ValidationError for another."""
    sort = plain(request, "sort")
    if not sort:
        return "namespace" if plain(request, "namespace") else "pulp_created"
    parts = sort.split(",")
    for each in parts:
        if each.removeprefix("-") not in SORTS:
            raise ValidationError({"sort": [no_choice(each)]})
    return ",".join(f"{'-' * each.startswith('-')}{SORTS[each.removeprefix('-')]}" for each in parts)


def _versions(ids: Sequence[UUID], request: Request) -> list[Row]:
    """Those versions, in that order, each with the repositories that hold it."""
    found = {row["id"]: row for row in _version_rows(ids=ids)}
    where = where_they_are(ids, to=request.user)
    return [{**_version(found[pk]), "repository_list": where[pk]} for pk in ids if pk in found]


class OneCollectionVersion(GalaxyView):
    permission_classes = [MayRead]

    def get(self, request: Request, namespace: str, name: str, version: str) -> Response:
        """One version with its documentation."""
        found = readable_versions(request.user).filter(namespace=namespace, name=name, version=version)
        row = found.values("docs_blob", *COLUMNS).first()
        if row is None:
            raise NotFound(f"Collection version not found for: {namespace}/{name}/{version}")
        where = where_they_are([row["id"]], to=request.user)
        return Response({**_version(row), "repository_list": where[row["id"]], "docs_blob": row["docs_blob"]})


urlpatterns = [
    path("v1/repo/<str:distro>/", RepositoryCollections.as_view()),
    path("v1/repo/<str:distro>/<str:namespace>/<str:name>/", RepositoryCollection.as_view()),
    path("v1/collection-versions/", CollectionVersions.as_view()),
    path("v1/collection-versions/<str:namespace>/<str:name>/<str:version>/", OneCollectionVersion.as_view()),
]
