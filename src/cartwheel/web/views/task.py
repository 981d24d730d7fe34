"""One task: its page, the live part of it, its log, and stopping it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from cartwheel.engine.errors import AlreadyFinal
from cartwheel.engine.events import newest
from cartwheel.engine.models import Task
from cartwheel.engine.states import FINAL, State
from cartwheel.engine.stopping import cancel
from cartwheel.registry.task_rights import may_read_log, require_stop
from cartwheel.web.detail import LOG_LINES, find_task, read_detail, read_log
from cartwheel.web.views.pages import Page, is_part


class TaskPart(Page):
    """A page about the task that its address names."""

    def find(self, task_id: UUID) -> Task:
        task = find_task(task_id, self.user)
        if task is None:
            raise Http404
        return task


class TaskPage(TaskPart):
    def get(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        event = newest()  # before the task is read: what happens meanwhile is told again
        task = self.find(task_id)
        reads_log = may_read_log(self.user, task)
        lines = read_log(task) if reads_log else []
        context = {
            "detail": read_detail(task, self.user, timezone.now()),
            "reads_log": reads_log,
            "lines": lines,
            "is_log_cut": len(lines) == LOG_LINES,
            "was_too_late": "too-late" in request.GET,
        }
        return self.render_live("web/task.html", context, event=event)


class TaskLive(TaskPart):
    """The part of the page that changes while the task goes on."""

    def get(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        task = self.find(task_id)
        return self.render("web/live.html", {"detail": read_detail(task, self.user, timezone.now())})


class TaskLog(TaskPart):
    """The lines after one."""

    def get(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        task = self.find(task_id)
        after = request.GET.get("after", "")
        if not may_read_log(self.user, task) or not after.isdecimal() or len(after) > 18:
            return HttpResponse()
        return self.render("web/_log_lines.html", {"lines": read_log(task, after=int(after))})


class Cancellation(TaskPart):
    """Stopping a task: a question first, and afterwards what really happened."""

    def get(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        task = self.find(task_id)
        require_stop(self.user, task)
        template = "web/_question.html" if is_part(request) else "web/cancellation.html"
        return self.render(template, {"task": task, "is_final": task.state in FINAL})

    def post(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        task = self.find(task_id)
        require_stop(self.user, task)
        outcome = _stop(task, self.user)
        if is_part(request):
            return self.render("web/_outcome.html", {"task": task} | outcome)
        address = reverse("task", args=[task.pk])
        return HttpResponseRedirect(f"{address}?too-late" if outcome["was_too_late"] else address)


def _stop(task: Task, user: Any) -> dict[str, Any]:
    try:
        state = State(cancel(task, by=user).state)
    except AlreadyFinal:
        return {"was_too_late": True, "state": State(Task.objects.get(pk=task.pk).state)}
    return {"was_too_late": False, "state": state}
