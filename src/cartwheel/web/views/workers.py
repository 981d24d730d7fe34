"""Workers, and holding tasks back: all, those of a function, those for a worker. For operators."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from cartwheel.engine.events import newest
from cartwheel.engine.functions import known_names
from cartwheel.engine.models import Pause, Worker
from cartwheel.engine.pausing import pause, resume
from cartwheel.kit.errors import Invalid
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.permissions import require
from cartwheel.registry.task_rights import CHANGE
from cartwheel.web.crew import read_crew
from cartwheel.web.notices import tell
from cartwheel.web.views.pages import Page, is_part

REASON_LIMIT = 1000  # characters


class ForOperators(Page):
    """Raises Denied for everybody else."""

    def check(self) -> None:
        require(self.user, CHANGE)


class Workers(ForOperators):
    """Scripts are given only the part that changes: each open page asks for it all the time."""

    def get(self, request: HttpRequest) -> HttpResponse:
        event = 0 if is_part(request) else newest()
        crew = read_crew(timezone.now())
        shown = {"hosts": crew.hosts, "pauses": crew.pauses}
        if is_part(request):
            return self.render("web/_crew.html", shown)
        return self.render_live("web/workers.html", shown | {"functions": known_names()}, event=event)


class Pauses(ForOperators):
    """POST starts a pause."""

    def post(self, request: HttpRequest) -> HttpResponse:
        scope, target = _meant(request)
        reason = request.POST.get("reason", "").strip()[:REASON_LIMIT]
        pause(scope, target, reason=reason, by=self.user)
        tell(request, gettext("%(what)s: paused. What runs goes on.") % {"what": _called(scope, target)})
        return self.done(reverse("workers"))


class PauseEnds(ForOperators):
    """POST ends a pause."""

    def post(self, request: HttpRequest) -> HttpResponse:
        scope, target = _meant(request)
        resume(scope, target)
        tell(request, gettext("%(what)s: tasks start again.") % {"what": _called(scope, target)})
        return self.done(reverse("workers"))


def _meant(request: HttpRequest) -> tuple[Pause.Scope, str]:
    """What the form is about. Raises Invalid if it is about nothing."""
    scope, target = request.POST.get("scope", ""), request.POST.get("target", "").strip()
    if scope not in Pause.Scope.values:
        raise Invalid(gettext("Say what to pause: the hub, a function or a worker."))
    return Pause.Scope(scope), "" if scope == Pause.Scope.HUB else target


def _called(scope: Pause.Scope, target: str) -> str:
    if scope == Pause.Scope.HUB:
        return gettext("The hub")
    if scope == Pause.Scope.WORKER and is_uuid(target):
        return Worker.objects.filter(pk=target).values_list("name", flat=True).first() or target
    return target
