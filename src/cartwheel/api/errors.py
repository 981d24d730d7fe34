"""The one place where errors become JSON, in the two shapes that clients know.

Pulp's:    {"detail": "..."} or {"field": ["..."]}
Galaxy's:  {"errors": [{"status": "400", "code": "invalid", "title": "Invalid input.",
                        "detail": "...", "source": {"parameter": "field"}}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from cartwheel.engine.away import DATABASE_AWAY, is_database_away
from cartwheel.kit.errors import DISK_FULL, Away, CartwheelError, Invalid, NoSpace, TooLarge, TooSoon
from cartwheel.registry.space import is_disk_full

RETRY_SECONDS = 5

TITLES = {
    400: "Invalid input.",
    401: "Authentication credentials were not provided.",
    403: "You do not have permission to perform this action.",
    404: "Not found.",
    409: "Data conflicts with existing entity.",
    413: "Request body is too large.",
    429: "Request was throttled.",
    503: "Service unavailable.",
    507: "Insufficient storage.",
}


def answer(problem: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler; None for a bug, which stays one."""
    shape = getattr(context.get("view"), "error_shape", "pulp")
    is_galaxy = shape == "galaxy"
    if is_disk_full(problem):
        problem = NoSpace(DISK_FULL)
    elif is_database_away(problem):
        problem = Away(DATABASE_AWAY, retry_after=RETRY_SECONDS)
    if isinstance(problem, RequestDataTooBig):
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20
        problem = TooLarge(f"Send at most {limit} MiB at once, but for files.")
    elif isinstance(problem, SuspiciousOperation):  # such as thousands of parameters
        problem = Invalid(str(problem))
    if isinstance(problem, CartwheelError):
        set_rollback()
        headers = {"Retry-After": str(problem.retry_after)} if isinstance(problem, (Away, TooSoon)) else {}
        return Response(in_shape(problem, shape), status=problem.status, headers=headers)
    if isinstance(problem, Http404) and not is_galaxy:
        problem = exceptions.NotFound(*(str(each) for each in problem.args[:1]))
    elif isinstance(problem, Http404):
        problem = exceptions.NotFound()
    elif isinstance(problem, PermissionDenied):
        problem = exceptions.PermissionDenied()
    response = exception_handler(problem, context)
    if response is not None and is_galaxy and isinstance(problem, exceptions.APIException):
        response.data = {"errors": list(_galaxy(problem))}
    return response


def in_shape(problem: CartwheelError, shape: str) -> dict[str, Any]:
    """An error of ours in the shape "pulp" or "galaxy"."""
    if shape == "galaxy":
        title = TITLES.get(problem.status, "Server error.")
        return {"errors": [_entry(problem.status, problem.code, title, problem.message, problem.field)]}
    if problem.field:
        return {problem.field: [problem.message]}
    return {"detail": problem.message}


def _galaxy(problem: exceptions.APIException) -> Iterator[dict[str, Any]]:
    title = str(type(problem).default_detail)
    if isinstance(problem, exceptions.ValidationError):
        for field, detail in _flat(problem.get_full_details()):
            yield _entry(problem.status_code, detail["code"], title, str(detail["message"]), field)
        return
    details = problem.get_full_details()
    if isinstance(details, dict) and "message" in details:
        yield _entry(problem.status_code, str(details["code"]), title, str(details["message"]), None)
    else:
        yield _entry(problem.status_code, problem.default_code, title, title, None)


def _flat(details: Any, field: str | None = None) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """Each message of nested details, with the innermost field that it stands below."""
    if isinstance(details, list):
        for each in details:
            yield from _flat(each, field)
    elif isinstance(details, dict) and set(details) == {"message", "code"}:
        yield field, details
    elif isinstance(details, dict):
        for key, each in details.items():
            yield from _flat(each, str(key))


def _entry(status: int, code: str | None, title: str, detail: str, field: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"status": str(status), "code": code, "title": title}
    if detail != title:
        entry["detail"] = detail
    if field and field != "non_field_errors":
        entry["source"] = {"parameter": field}
    return entry
