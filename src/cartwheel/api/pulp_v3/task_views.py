"""What we tell of a task, and do with it, beyond what Pulp does: why it waits, its log, once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import task_href
from cartwheel.api.authentication import signed_in
from cartwheel.api.pulp_v3.tasks import find_task
from cartwheel.api.rendering import stamp
from cartwheel.api.views import PulpView, accepted
from cartwheel.engine.blockers import Blocker, Wait, why_waiting
from cartwheel.engine.models import LogLine, Task
from cartwheel.registry.repeating import repeat
from cartwheel.registry.task_rights import may_read_log, visible

LOG_PAGE = 1000  # lines in one answer


class Blockers(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        """Why the task waits; `cause` is null if it does not."""
        wait = why_waiting(find_task(identifier, request))
        return Response(_as_json(request, wait) if wait else {"cause": None, "resources": []})


def _as_json(request: Request, wait: Wait) -> dict[str, Any]:
    known = _known(request, wait)
    return {
        "cause": _cause(wait),
        "resources": [_blocker(request, each, known) for each in wait.blockers],
        "not_before": stamp(wait.until),
        "pause": {"scope": wait.pause.scope, "reason": wait.pause.reason} if wait.pause else None,
        "gate": _short(request, wait.gate) if wait.gate and wait.gate.pk in known else None,
        "ahead": wait.ahead,
        "workers": wait.workers,
    }


def _known(request: Request, wait: Wait) -> set[UUID]:
    """Those of the tasks in the way that the reader may know of."""
    tasks = {holder.pk for each in wait.blockers for holder in each.holders}
    if wait.gate:
        tasks.add(wait.gate.pk)
    return set(visible(request.user).filter(pk__in=tasks).values_list("pk", flat=True)) if tasks else set()


def _cause(wait: Wait) -> str:
    if wait.until:
        return "time"
    if wait.blockers:
        return "resources"
    if wait.pause:
        return "paused"
    return "hub" if wait.gate else "worker"


def _blocker(request: Request, blocker: Blocker, known: set[UUID]) -> dict[str, Any]:
    return {
        "resource": blocker.resource,
        "exclusive": blocker.exclusive,
        "ahead": blocker.ahead,
        "holders": [_short(request, holder) for holder in blocker.holders if holder.pk in known],
    }


def _short(request: Request, task: Task) -> dict[str, Any]:
    href = task_href(request, task.pk)
    return {"pulp_href": href, "name": task.name, "title": task.title, "state": task.state}


class Log(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        """What the task has logged, oldest first; `after` is the number of the last line one has."""
        task = find_task(identifier, request)
        if not may_read_log(request.user, task):
            raise PermissionDenied
        after = request.query_params.get("after", "")
        number = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
        lines = list(LogLine.objects.filter(task=task, pk__gt=number).order_by("pk")[: LOG_PAGE + 1])
        return Response(
            {
                "results": _lines(lines[:LOG_PAGE]),
                "next_after": lines[:LOG_PAGE][-1].pk if lines else number,
                "more": len(lines) > LOG_PAGE,
            }
        )


def _lines(lines: Sequence[LogLine]) -> list[dict[str, Any]]:
    return [
        {"number": line.pk, "time": stamp(line.time), "level": line.level, "message": line.message}
        for line in lines
    ]


class RunAgain(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        """Make a new task that does the same."""
        task = find_task(identifier, request)
        return accepted(request, repeat(task, by=signed_in(request)))


urlpatterns = [
    path("tasks/<str:identifier>/blockers/", Blockers.as_view()),
    path("tasks/<str:identifier>/log/", Log.as_view()),
    path("tasks/<str:identifier>/run-again/", RunAgain.as_view()),
]
