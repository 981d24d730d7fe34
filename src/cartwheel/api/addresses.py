"""The addresses that answers name. They carry the prefix that the request came in by."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

ALSO_ANSWERS = "/api/galaxy/"


def prefixes() -> tuple[str, ...]:
    """Every path under which the API answers, the configured one first. Each ends with a slash."""
    return tuple(dict.fromkeys((settings.CONFIG.api_prefix, ALSO_ANSWERS)))


def prefix_of(request: HttpRequest) -> str:
    """The prefix of this request: "/api/automation-hub/"."""
    return _prefix_of(request.path, settings.CONFIG.api_prefix)


@lru_cache
def _prefix_of(path: str, otherwise: str) -> str:
    # Remembered, as a page names hundreds of addresses.
    return next((each for each in prefixes() if path.startswith(each)), otherwise)


def pulp(request: HttpRequest, path: str) -> str:
    """The address of something of Pulp's API, given below its root: "tasks/<uuid>/"."""
    return f"{prefix_of(request)}pulp/api/v3/{path}"


def below_pulp(href: str) -> str | None:
    """The part of an address below the root of Pulp's API, None for another address."""
    path = "/" + href.split("://", 1)[1].partition("/")[2] if "://" in href else href
    for root in (*(f"{prefix}pulp/api/v3/" for prefix in prefixes()), "/pulp/api/v3/"):
        if path.startswith(root):
            return path.removeprefix(root)
    return None


def asked_by(request: HttpRequest, document: Any) -> Any:
    """What was written down without a request, with the prefix of this one in the addresses of Pulp's API."""
    prefix = prefix_of(request)
    if prefix == settings.CONFIG.api_prefix:
        return document
    return _moved(document, f"{settings.CONFIG.api_prefix}pulp/api/v3/", f"{prefix}pulp/api/v3/")


def _moved(document: Any, known: str, asked: str) -> Any:
    if isinstance(document, dict):
        return {name: _moved(value, known, asked) for name, value in document.items()}
    if isinstance(document, list):
        return [_moved(value, known, asked) for value in document]
    if isinstance(document, str) and document.startswith(known):
        return asked + document.removeprefix(known)
    return document


def task_href(request: HttpRequest, task_id: UUID | str) -> str:
    return pulp(request, f"tasks/{task_id}/")


def import_href(request: HttpRequest, base_path: str, task_id: UUID | str) -> str:
    return f"{prefix_of(request)}content/{base_path}/v3/plugin/ansible/imports/collections/{task_id}/"


def origin(request: HttpRequest) -> str:
    """Scheme, host and port that the client used: "http://127.0.0.1:8000"."""
    return f"{request.scheme}://{request.get_host()}"
