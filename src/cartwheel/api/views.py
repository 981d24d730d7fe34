"""What the views of the dialects have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cartwheel.api.addresses import task_href
from cartwheel.api.authentication import SessionAuthentication
from cartwheel.api.held import then_answer_with
from cartwheel.engine.models import Task


class _View(APIView):
    """OPTIONS is refused to everybody, as on the real hub."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """There is JSON only: in another `format` nothing is there, as on the real hub. Its `api` are pages."""
        if not force and request.query_params.get("format", "") not in ("", "json", "api"):
            raise Http404
        return super().perform_content_negotiation(request, force)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        _refuse_nulls(kwargs)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        raise PermissionDenied


class PulpView(_View):
    """Answers as Pulp does."""

    error_shape: ClassVar[str] = "pulp"


class GalaxyView(_View):
    """Answers as Galaxy NG does."""

    error_shape: ClassVar[str] = "galaxy"


def _refuse_nulls(named: Mapping[str, Any]) -> None:
    """Nothing has a name with a null character in it, and PostgreSQL cannot even be asked for it."""
    if any("\0" in str(part) for part in named.values()):
        raise Http404


def expects_a_task(request: Request) -> bool:
    """Must a task be answered, whether or not there is anything to change?

    Galaxy NG's web UI puts whole forms, through a session, and takes every answer for that of a task.
    """
    return request.method == "PUT" and isinstance(request.successful_authenticator, SessionAuthentication)


def accepted(request: Request, task: Task) -> Response:
    """202, and the address of the task that does what was asked for; with `Prefer: wait`, the ended task."""
    address = task_href(request, task.pk)
    return then_answer_with(request, Response({"task": address}, status=202), task.pk, address)
