"""What programs are told before any view could: in the form of the view at that address."""

from __future__ import annotations

from typing import Any

from django.urls import Resolver404, resolve

from cartwheel.api.errors import in_shape
from cartwheel.kit.errors import CartwheelError


def refusal(path: str, problem: CartwheelError) -> dict[str, Any]:
    """The document about a problem with a request to that path."""
    try:
        view = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        view = None
    return in_shape(problem, getattr(view, "error_shape", "pulp"))
