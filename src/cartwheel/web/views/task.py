"""One task: its page, the live part of it, its log, and stopping it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from cartwheel.engine.again import can_run_again
from cartwheel.engine.errors import AlreadyFinal
from cartwheel.engine.events import newest
from cartwheel.engine.models import Task
from cartwheel.engine.states import FINAL, INCOMPLETE, State
from cartwheel.engine.stopping import cancel
from cartwheel.kit.errors import Denied
from cartwheel.registry.permissions import DENIED
from cartwheel.registry.repeating import repeat, require_repeat
from cartwheel.registry.task_rights import may_read_log, require_stop
from cartwheel.web.detail import find_task, log_text, read_detail, read_log, with_log
from cartwheel.web.notices import notify_started, tell
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
        return self.render_live("web/task.html", with_log(task, self.user), event=event)


class TaskLive(TaskPart):
    """The part of the page that changes while the task goes on."""

    def get(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        task = self.find(task_id)
        context = {
            "detail": read_detail(task, self.user, timezone.now()),
            "is_import_page": request.GET.get("of") == "import",
        }
        return self.render("web/live.html", context)


class TaskLog(TaskPart):
    """The lines after one."""

    def get(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        task = self.find(task_id)
        after = request.GET.get("after", "")
        if not may_read_log(self.user, task) or not after.isdecimal() or len(after) > 18:
            return HttpResponse()
        return self.render("web/_log_lines.html", {"lines": read_log(task, after=int(after))})


class TaskLogFile(TaskPart):
    """The whole log as a text file, with time stamps."""

    def get(self, request: HttpRequest, task_id: UUID) -> HttpResponseBase:
        task = self.find(task_id)
        if not may_read_log(self.user, task):
            raise Denied(DENIED)
        answer = StreamingHttpResponse(log_text(task), content_type="text/plain; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="task-{task.pk}.log"'
        return answer


class Cancellation(TaskPart):
    """Stopping a task: a question first, and afterwards what really happened."""

    def get(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        task = self.find(task_id)
        require_stop(self.user, task)
        children = task.child_tasks.filter(state__in=INCOMPLETE).count()
        template = "web/_question.html" if is_part(request) else "web/cancellation.html"
        return self.render(
            template, {"task": task, "is_final": task.state in FINAL, "active_children": children}
        )

    def post(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        task = self.find(task_id)
        require_stop(self.user, task)
        try:
            cancel(task, by=self.user, cascade="cascade" in request.POST)
            notify_started(request, task)
        except AlreadyFinal:
            state = State(Task.objects.get(pk=task.pk).state).label
            words = gettext("Nothing was stopped: %(task)s had already ended (%(state)s).")
            tell(request, words % {"task": task, "state": str(state).lower()})
        return self.done(reverse("task", args=[task.pk]))


class Repeat(TaskPart):
    """Running a task again: a question first, then the page of the new one."""

    def get(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        task = self.find(task_id)
        can_repeat = can_run_again(task.name, task.state)
        (require_repeat if can_repeat else require_stop)(self.user, task)
        template = "web/_repeat.html" if is_part(request) else "web/repeat.html"
        return self.render(template, {"task": task, "can_repeat": can_repeat})

    def post(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        task = self.find(task_id)
        again = repeat(task, by=self.user)
        notify_started(request, again)
        return self.done(reverse("task", args=[again.pk]))
