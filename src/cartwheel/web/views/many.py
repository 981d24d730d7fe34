"""Stopping and repeating many tasks together: a question that says how many, then the act."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from cartwheel.engine.models import Task
from cartwheel.engine.states import State
from cartwheel.web.choosing import MANY, Choice, repeat_all, stop_all, to_repeat, to_stop
from cartwheel.web.notices import notify_started, tell
from cartwheel.web.search import Search
from cartwheel.web.views.pages import Page, is_part

FOLLOWED = 2  # of many tasks, so few get a notice of their own


class _Together(Page):
    act = ""

    def ask(self, choice: Choice) -> HttpResponse:
        template = "web/_together.html" if is_part(self.request) else "web/together.html"
        search = Search.read(self.request.GET).from_top()
        context = {"act": self.act, "choice": choice, "many": MANY, "search": search}
        return self.render(template, context)

    def back(self) -> HttpResponse:
        return self.done(reverse("tasks") + Search.read(self.request.POST).from_top().query)


class Cancellations(_Together):
    act = "stop"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.ask(to_stop(request.GET, self.user, timezone.now()))

    def post(self, request: HttpRequest) -> HttpResponse:
        stopped, late = stop_all(to_stop(request.POST, self.user, timezone.now()).fit, self.user)
        stopping = [task for task in stopped if task.state == State.CANCELING]
        at_once = len(stopped) - len(stopping)
        words = [
            ngettext("%d task was stopped.", "%d tasks were stopped.", at_once) % at_once,
            *([_were_asked(len(stopping))] if stopping else []),
            *([_were_late(late)] if late else []),
        ]
        tell(request, " ".join(words))
        _follow(request, stopping)
        return self.back()


class Repeats(_Together):
    act = "repeat"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.ask(to_repeat(request.GET, self.user, timezone.now()))

    def post(self, request: HttpRequest) -> HttpResponse:
        made, refused = repeat_all(to_repeat(request.POST, self.user, timezone.now()).fit, self.user)
        words = [ngettext("%d task runs again.", "%d tasks run again.", len(made)) % len(made)]
        if refused:
            words.append(
                ngettext("%d could not be repeated.", "%d could not be repeated.", refused) % refused
            )
        tell(request, " ".join(words))
        _follow(request, made)
        return self.back()


def _were_asked(count: int) -> str:
    return (
        ngettext("%d is under way and was asked to stop.", "%d are under way and were asked to stop.", count)
        % count
    )


def _were_late(count: int) -> str:
    return gettext("%d had ended meanwhile.") % count


def _follow(request: HttpRequest, tasks: list[Task]) -> None:
    for task in tasks[:FOLLOWED]:
        notify_started(request, task)
