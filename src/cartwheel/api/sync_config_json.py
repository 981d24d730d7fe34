"""A remote as Galaxy shows it: with the repositories that it fills, as far as one may read these, and their paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from rest_framework.request import Request

from cartwheel.api.addresses import pulp
from cartwheel.api.rendering import stamp
from cartwheel.engine.models import Task
from cartwheel.registry.causes import error_of, with_last_sync
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import CollectionRemote, Distribution, Repository
from cartwheel.registry.remote_documents import POLICY
from cartwheel.registry.remotes import shown
from cartwheel.registry.repository_documents import GUARD_ID

Row = dict[str, Any]

WRITE_ONLY = ("client_key", "token", "password", "client_key", "proxy_password")  # as clients know them


def sync_configs(request: Request, remotes: Sequence[CollectionRemote]) -> list[Row]:
    """Four statements, however many remotes."""
    repositories = _repositories(request, remotes)
    return [_sync_config(request, each, repositories[each.pk]) for each in remotes]


def _repositories(request: Request, remotes: Iterable[CollectionRemote]) -> dict[UUID | None, list[Row]]:
    readable = Repository.objects.filter(readable_by(request.user), remote__in=remotes)
    rows = with_last_sync(readable.order_by("name"), to=request.user)
    served = defaultdict(list)
    for each in Distribution.objects.filter(repository__in=rows).order_by("name"):
        served[each.repository_id].append(_distribution(each))
    found = defaultdict(list)
    for row in rows:
        found[row.remote_id].append(_repository(row, served[row.pk]))
    return found


def _distribution(row: Distribution) -> Row:
    return {
        "name": row.name,
        "base_path": row.base_path,
        "content_guard": str(GUARD_ID),
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def _repository(row: Repository, distributions: list[Row]) -> Row:
    return {
        "name": row.name,
        "description": row.description,
        "next_version": row.latest_number + 1,
        "distributions": distributions,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
        "last_sync_task": _last_sync(row.last_sync_task),
    }


def _last_sync(task: Task | None) -> Row:
    if task is None:
        return {}
    return {
        "task_id": str(task.pk),
        "state": task.state,
        "started_at": stamp(task.started_at),
        "finished_at": stamp(task.finished_at),
        "error": error_of(task),
    }


def _sync_config(request: Request, remote: CollectionRemote, repositories: list[Row]) -> Row:
    return {
        "pk": str(remote.pk),
        "name": remote.name,
        "url": remote.url,
        "auth_url": remote.auth_url,
        "policy": POLICY,
        "requirements_file": remote.requirements_file,
        "created_at": stamp(remote.created_at),
        "updated_at": stamp(remote.updated_at),
        "username": shown(remote.username),
        "tls_validation": remote.tls_validation,
        "client_cert": remote.client_cert,
        "ca_cert": remote.ca_cert,
        "last_sync_task": _last_sync(remote.last_sync_task),
        "repositories": repositories,
        "pulp_href": pulp(request, remote.path),
        "download_concurrency": remote.download_concurrency,
        "proxy_url": remote.proxy_url,
        "proxy_username": shown(remote.proxy_username),
        "write_only_fields": [{"name": name, "is_set": bool(getattr(remote, name))} for name in WRITE_ONLY],
        "rate_limit": remote.rate_limit,
        "signed_only": remote.signed_only,
        "sync_highest_versions": remote.sync_highest_versions,
    }
