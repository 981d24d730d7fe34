"""The routes that are mounted, read from the URL patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.urls import URLPattern, URLResolver
from rest_framework.permissions import AllowAny, IsAuthenticatedOrReadOnly

METHODS = ("get", "post", "put", "patch", "delete")
CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """A path with the view behind it; `path` is "tasks/<str:identifier>/", `key` is "tasks/*/"."""

    path: str
    view: Any
    options: dict[str, Any] = field(default_factory=dict, compare=False)  # of the view, where it is mounted

    @cached_property
    def key(self) -> str:
        return CONVERTER.sub("*", self.path)

    @cached_property
    def template(self) -> str:
        return CONVERTER.sub(r"{\2}", self.path)

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """The names of the path's parts that vary, with the kind of each: str, int, uuid."""
        return [(name, kind or "str") for kind, name in CONVERTER.findall(self.path)]

    @cached_property
    def methods(self) -> tuple[str, ...]:
        if not isinstance(self.view, type):
            return ("get",)
        allowed = getattr(self.view, "http_method_names", METHODS)
        return tuple(each for each in METHODS if hasattr(self.view, each) and each in allowed)

    def is_open(self, method: str) -> bool:
        """May one ask without being signed in?"""
        classes = getattr(self.view, "permission_classes", [AllowAny])
        return AllowAny in classes or (method == "get" and IsAuthenticatedOrReadOnly in classes)

    def summary(self, method: str) -> str:
        """What the view says of itself: the first line of a docstring, of the method or of the class."""
        for each in (getattr(self.view, method, None), self.view):
            text = (vars(each).get("__doc__") or "") if each is not None else ""
            if text.strip():
                return str(text).strip().splitlines()[0]
        return ""


def mounted(patterns: Sequence[object], below: str = "") -> Iterator[Route]:
    """All routes of some patterns, and of those that they include."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from mounted(each.url_patterns, below + str(each.pattern))
        elif isinstance(each, URLPattern):
            callback = each.callback
            view = getattr(callback, "cls", None) or getattr(callback, "view_class", callback)
            yield Route(below + str(each.pattern), view, getattr(callback, "view_initkwargs", {}))


def api_routes() -> list[Route]:
    """What stands below the prefix of the API, once each; the distributions' mirror of v3/ is left out."""
    from cartwheel.api import urls

    return _unique(
        each
        for each in mounted(urls.urlpatterns)
        if not each.path.startswith("content/<str:path>/v3/") and getattr(each.view, "is_documented", True)
    )


def pulp_routes() -> list[Route]:
    """What stands below Pulp's root, with paths from there."""
    root = "pulp/api/v3/"
    return [
        Route(each.path.removeprefix(root), each.view, each.options)
        for each in api_routes()
        if each.path.startswith(root)
    ]


def _unique(routes: Iterable[Route]) -> list[Route]:
    """The first of each path: that is the one which answers."""
    return list({each.key: each for each in reversed(list(routes))}.values())[::-1]
