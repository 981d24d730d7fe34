"""Every endpoint and every page that there is: from the URL resolver, so that nothing is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from http.cookies import SimpleCookie
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from cartwheel.registry.models import User

PEOPLE = ("anonymous", "stranger", "owner", "operator", "admin")  # who asks, in tests/rights
METHODS = ("get", "post", "put", "patch", "delete")
API = "/api/automation-hub/"
PULP = f"{API}pulp/api/v3/"
LEFT_OUT = ("/api/galaxy/", "/favicon.ico", "/pulp/api/<path:rest>")  # the same again, and two redirects

Row = tuple[str, str]  # a method, and a path as the resolver has it


def signed_in(user: User | None) -> SimpleCookie:
    """What somebody's browser keeps: to sign in for each request would take a quarter of the time."""
    client = APIClient()
    if user is not None:
        client.force_login(user)
    return client.cookies


@cache
def endpoints() -> list[Row]:
    return [
        (method, path)
        for path, pattern in _patterns(get_resolver().url_patterns, "/")
        if not path.startswith(LEFT_OUT)
        for method in _methods(pattern)
    ]


def _patterns(found: list[Any], before: str) -> Iterator[tuple[str, URLPattern]]:
    for each in found:
        path = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns, path)
        else:
            yield path, each


def _methods(pattern: URLPattern) -> list[str]:
    view = getattr(pattern.callback, "view_class", getattr(pattern.callback, "cls", None))
    return [each for each in METHODS if hasattr(view, each)] if view else ["get"]
