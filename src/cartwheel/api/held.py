"""Requests that would rather wait: `Prefer: wait=N` (RFC 7240).

A view answers at once and notes, in headers that the front takes out again, what the client would
like to wait for. The front holds the request and asks again; see cartwheel.front.application.
"""

from __future__ import annotations

from uuid import UUID

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.engine.states import INCOMPLETE

PENDING, THEN = "Cartwheel-Pending", "Cartwheel-Then"


def hold_while_active(request: Request, response: Response, task_id: UUID, state: str) -> Response:
    """Hold the answer until the task has ended."""
    return _looked_at_until(request, response, str(task_id) if state in INCOMPLETE else "")


def hold_while_any(request: Request, response: Response, active: int) -> Response:
    """Hold the answer as long as there are active tasks in the list; so many there are."""
    return _looked_at_until(request, response, str(active) if active else "")


def then_answer_with(request: Request, response: Response, task_id: UUID, address: str) -> Response:
    """Hold the answer until the task has ended, and then answer with what is at the address."""
    if "Prefer" in request.headers:
        response[PENDING], response[THEN] = str(task_id), address
    return response


def _looked_at_until(request: Request, response: Response, waits_for: str) -> Response:
    if "Prefer" in request.headers and waits_for:
        response[PENDING] = waits_for
        if request.method not in SAFE_METHODS:  # what it asked for is done: it is only looked at again
            response[THEN] = request.path
    return response
