"""A remote as Pulp shows it: in answers, and as the result of the task that changed it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cartwheel.engine.models import Task
from cartwheel.registry.causes import error_of
from cartwheel.registry.models import CollectionRemote

SECRETS = ("client_key", "proxy_username", "proxy_password", "username", "password", "token")
POLICY = "immediate"  # the only one: everything is fetched when it is synced


def as_pulp_shows(
    remote: CollectionRemote, *, root: str, last_sync: dict[str, Any] | None = None
) -> dict[str, Any]:
    """`root` is the address of Pulp's API, with a slash at the end. Of secrets it tells only which are set."""
    return {
        "pulp_href": f"{root}{remote.path}",
        "prn": remote.prn,
        "pulp_created": stamp(remote.created_at),
        "pulp_last_updated": stamp(remote.updated_at),
        "name": remote.name,
        "url": remote.url,
        "pulp_labels": remote.labels,
        "policy": POLICY,
        "hidden_fields": [{"name": name, "is_set": bool(getattr(remote, name))} for name in SECRETS],
        "ca_cert": remote.ca_cert,
        "client_cert": remote.client_cert,
        "tls_validation": remote.tls_validation,
        "proxy_url": remote.proxy_url,
        "max_retries": remote.max_retries,
        "total_timeout": remote.total_timeout,
        "connect_timeout": remote.connect_timeout,
        "sock_connect_timeout": remote.sock_connect_timeout,
        "sock_read_timeout": remote.sock_read_timeout,
        "headers": remote.headers,
        "download_concurrency": remote.download_concurrency,
        "rate_limit": remote.rate_limit,
        "requirements_file": remote.requirements_file,
        "auth_url": remote.auth_url,
        "sync_dependencies": remote.sync_dependencies,
        "signed_only": remote.signed_only,
        "sync_highest_versions": remote.sync_highest_versions,
        "last_sync_task": last_sync,
    }


def last_sync(task: Task | None) -> dict[str, Any] | None:
    """The last sync of a remote or a repository, as Pulp shows it."""
    if task is None:
        return None
    return {
        "pk": str(task.pk),
        "state": task.state,
        "pulp_created": task.created_at.isoformat(),
        "finished_at": task.finished_at.isoformat() if task.finished_at else None,
        "error": error_of(task),
    }


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, with microseconds, ending in Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
