"""The correlation id of a request: what the client sent, or a new one; told back, and kept on its tasks."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponseBase

from cartwheel.engine.context import correlated

HEADER = "Correlation-ID"


class CorrelationMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        identifier = _valid(request.headers.get(HEADER, "")) or uuid4().hex
        with correlated(identifier):
            response = self.get_response(request)
        response[HEADER] = identifier
        response["Access-Control-Expose-Headers"] = HEADER
        return response


def _valid(sent: str) -> str:
    """The id exactly as it was sent, or nothing if it is no UUID: pulp-cli insists on its very own."""
    try:
        UUID(sent)
    except ValueError:
        return ""
    return sent if len(sent) in (32, 36) else ""
