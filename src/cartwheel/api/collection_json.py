"""Collections and their versions as JSON, as Galaxy shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rest_framework.request import Request

from cartwheel.api.addresses import origin, prefix_of
from cartwheel.api.rendering import stamp
from cartwheel.registry.collections import with_highest
from cartwheel.registry.marks import marks_in
from cartwheel.registry.models import Collection, CollectionVersion, Repository

Row = dict[str, Any]

LISTED = ("id", "version", "created_at", "updated_at", "requires_ansible")  # columns of a version in a list


def collection_href(request: Request, base_path: str, namespace: str, name: str) -> str:
    """Where a collection is found: always below content/<path>/, whichever way the client came."""
    return (
        f"{prefix_of(request)}content/{base_path}/v3/plugin/ansible/content/{base_path}"
        f"/collections/index/{namespace}/{name}/"
    )


def collections(request: Request, base_path: str, repository: Repository, ids: Sequence[UUID]) -> list[Row]:
    """Those collections, in that order, as they are in the repository. One statement."""
    wanted = with_highest(Collection.objects.filter(pk__in=ids), repository)
    found = {each.pk: _collection(request, base_path, each) for each in wanted}
    return [found[pk] for pk in ids if pk in found]


def _collection(request: Request, base_path: str, collection: Any) -> Row:
    """Takes a collection with what `with_highest` adds."""
    href = collection_href(request, base_path, collection.namespace, collection.name)
    return {
        "href": href,
        "namespace": collection.namespace,
        "name": collection.name,
        "deprecated": collection.deprecated,
        "versions_url": f"{href}versions/",
        "highest_version": {
            "href": f"{href}versions/{collection.highest}/",
            "version": collection.highest,
        },
        "created_at": stamp(collection.created_at),
        "updated_at": stamp(collection.updated_at),
        "download_count": collection.download_count,
    }


def listed_versions(href: str, rows: Sequence[Row], repository: Repository) -> list[Row]:
    """Versions of the collection at `href` in a repository, made from LISTED columns. One statement."""
    marks = marks_in(repository, [row["id"] for row in rows])
    return [
        {
            "version": row["version"],
            "href": f"{href}versions/{row['version']}/",
            "created_at": stamp(row["created_at"]),
            "updated_at": stamp(row["updated_at"]),
            "requires_ansible": row["requires_ansible"],
            "marks": marks.get(row["id"], []),
        }
        for row in rows
    ]


def version(request: Request, base_path: str, repository: Repository, found: CollectionVersion) -> Row:
    """All that clients are told of one version in a repository, the files in it included."""
    href = collection_href(request, base_path, found.namespace, found.name)
    listed = {each: getattr(found, each) for each in LISTED}
    return {
        **listed_versions(href, [listed], repository)[0],
        "artifact": {
            "filename": found.filename,
            "sha256": found.artifact.sha256,
            "size": found.artifact.size,
        },
        "collection": {"id": str(found.collection_id), "name": found.name, "href": href},
        "download_url": download_url(request, base_path, found.filename),
        "name": found.name,
        "namespace": {"name": found.namespace, "metadata_sha256": None},
        "signatures": [],
        "metadata": _metadata(found),
        "git_url": None,
        "git_commit_sha": None,
        "manifest": found.manifest,
        "files": found.files,
    }


def download_url(request: Request, base_path: str, filename: str) -> str:
    """With the host: older releases of ansible-galaxy take a path for a file name."""
    return (
        f"{origin(request)}{prefix_of(request)}v3/plugin/ansible/content/{base_path}"
        f"/collections/artifacts/{filename}"
    )


def _metadata(found: CollectionVersion) -> Row:
    return {
        "authors": found.authors,
        "contents": found.contents,
        "dependencies": found.dependencies,
        "description": found.description,
        "documentation": found.documentation,
        "homepage": found.homepage,
        "issues": found.issues,
        "license": found.license,
        "repository": found.origin_repository,
        "tags": found.tags,
    }
