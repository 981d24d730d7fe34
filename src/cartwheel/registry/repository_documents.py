"""Repositories, their versions and distributions as Pulp shows them.

`root` is the address of Pulp's API, with a slash at the end. Answers carry these documents, and so do the
results of the tasks that make and change such things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings

from cartwheel.registry.models import Distribution, Repository, RepositoryVersion
from cartwheel.registry.remote_documents import last_sync, stamp

if TYPE_CHECKING:
    from cartwheel.registry.repository_versions import Summary

Document = dict[str, Any]

GUARD_ID = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # the same on every hub: there is only one guard
GUARD = f"contentguards/core/content_redirect/{GUARD_ID}/"


def pulp_root() -> str:
    """The root that is known without a request."""
    return f"{settings.CONFIG.api_prefix}pulp/api/v3/"


def any_repository(repository: Repository, *, root: str) -> Document:
    """What Pulp shows of repositories of every type."""
    href = f"{root}{repository.path}"
    remote = f"{root}remotes/ansible/collection/{repository.remote_id}/" if repository.remote_id else None
    return {
        "pulp_href": href,
        "prn": repository.prn,
        "pulp_created": stamp(repository.created_at),
        "pulp_last_updated": stamp(repository.updated_at),
        "versions_href": f"{href}versions/",
        "pulp_labels": repository.labels,
        "latest_version_href": f"{href}versions/{repository.latest_number}/",
        "name": repository.name,
        "description": repository.description,
        "retain_repo_versions": repository.retain_repo_versions,
        "remote": remote,
    }


def ansible_repository(repository: Repository, *, root: str) -> Document:
    """Reads the task of the last sync: select it with the repository."""
    synced = repository.last_synced_metadata_time
    return any_repository(repository, root=root) | {
        "last_synced_metadata_time": stamp(synced) if synced else None,
        "gpgkey": repository.gpgkey,
        "last_sync_task": last_sync(repository.last_sync_task),
        "private": repository.private,
    }


def repository_version(version: RepositoryVersion, summary: Summary, *, root: str) -> Document:
    """Of a version from `versions_of`."""
    prn = f"prn:core.repositoryversion:{version.pk}"
    href = f"{root}{version.path}"
    base = version.base_version
    return {
        "pulp_href": href,
        "prn": prn,
        "pulp_created": stamp(version.created_at),
        "pulp_last_updated": stamp(version.updated_at),
        "number": version.number,
        "repository": f"{root}{version.repository.path}",
        "base_version": f"{root}{base.path}" if base else None,
        "content_summary": {
            "added": _counted(f"repository_version_added={href}", summary.added, root=root),
            "removed": _counted(f"repository_version_removed={href}", summary.removed, root=root),
            "present": _counted(f"repository_version={href}", summary.present, root=root),
        },
        "vuln_report": f"{root}vuln_report/?repo_versions={prn}",
    }


def _counted(query: str, count: int, *, root: str) -> Document:
    listed = f"{root}content/ansible/collection_versions/?{query}"
    return {"ansible.collection_version": {"count": count, "href": listed}} if count else {}


def distribution(row: Distribution, *, root: str, origin: str) -> Document:
    """Reads the version that is served for good: select it with the distribution.

    `origin` is the server as the client knows it, with neither path nor slash.
    """
    version = row.repository_version
    return {
        "pulp_href": f"{root}{row.path}",
        "prn": row.prn,
        "pulp_created": stamp(row.created_at),
        "pulp_last_updated": stamp(row.updated_at),
        "base_path": row.base_path,
        "content_guard": f"{root}{GUARD}",
        "no_content_change_since": stamp(row.updated_at) if version else None,
        "hidden": row.hidden,
        "pulp_labels": row.labels,
        "name": row.name,
        "repository": f"{root}repositories/ansible/ansible/{row.repository_id}/"
        if row.repository_id
        else None,
        "client_url": f"{origin}/pulp_ansible/galaxy/{row.base_path}/",
        "repository_version": f"{root}{version.path}" if version else None,
    }
