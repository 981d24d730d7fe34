"""Tasks that come again and again: everybody sees them, operators run and switch them, superusers say what they do."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from cartwheel.engine.events import newest
from cartwheel.engine.functions import known_names
from cartwheel.engine.models import Schedule
from cartwheel.engine.schedules import run_now, save, switch_off
from cartwheel.registry.permissions import allows, require_superuser
from cartwheel.registry.task_rights import CHANGE
from cartwheel.web.content.paging import page_of
from cartwheel.web.drafts import take_draft
from cartwheel.web.notices import notify_started, tell
from cartwheel.web.schedule_form import UNITS, ScheduleForm
from cartwheel.web.schedule_rows import schedule_rows
from cartwheel.web.views.pages import Page, is_part
from cartwheel.web.views.typed import TypedPage
from cartwheel.web.views.workers import ForOperators


class Schedules(Page):
    def get(self, request: HttpRequest) -> HttpResponse:
        event = newest()
        page = page_of(request, Schedule.objects.order_by("name"))
        rows = schedule_rows(page.rows, self.user, timezone.now())
        context = {
            "page": page,
            "rows": rows,
            "may_change": allows(self.user, CHANGE),
            "may_plan": self.user.is_superuser,
        }
        return self.render_live("web/schedules.html", context, event=event)


class _Form(TypedPage):
    """For superusers: a schedule may do anything, with any arguments."""

    def check(self) -> None:
        require_superuser(self.user)

    def asked(self, form: ScheduleForm, schedule: Schedule | None) -> HttpResponse:
        """The form, or what was typed there before the session had ended."""
        typed = take_draft(self.request)
        return self.show(ScheduleForm.typed_in(typed) if typed else form, schedule, is_restored=bool(typed))

    def show(
        self, form: ScheduleForm, schedule: Schedule | None, *, status: int = 200, is_restored: bool = False
    ) -> HttpResponse:
        context = {
            "form": form,
            "is_restored": is_restored,
            "schedule": schedule,
            "functions": known_names(),
            "units": list(UNITS),
            "units_words": {
                "seconds": gettext("seconds"), "minutes": gettext("minutes"),
                "hours": gettext("hours"), "days": gettext("days"),
            },
        }  # fmt: skip
        answer = self.render("web/schedule.html", context)
        answer.status_code = status
        return answer

    def kept(self, form: ScheduleForm, schedule: Schedule, shown: Schedule | None) -> HttpResponse:
        if not form.save(schedule):
            return self.show(form, shown, status=422)
        tell(self.request, gettext("The schedule %s is kept.") % schedule.name)
        return self.done(reverse("schedules"))


class NewSchedule(_Form):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.asked(ScheduleForm.of(Schedule(time_zone="UTC")), None)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.kept(ScheduleForm.typed_in(request.POST), Schedule(created_by=self.user), None)


class OneSchedule(_Form):
    def get(self, request: HttpRequest, schedule_id: UUID) -> HttpResponse:
        schedule = find_schedule(schedule_id)
        return self.asked(ScheduleForm.of(schedule), schedule)

    def post(self, request: HttpRequest, schedule_id: UUID) -> HttpResponse:
        schedule = find_schedule(schedule_id)
        shown = find_schedule(schedule_id)
        return self.kept(ScheduleForm.typed_in(request.POST), schedule, shown)


class ScheduleRun(ForOperators):
    """POST dispatches its task now, whatever its plan."""

    def post(self, request: HttpRequest, schedule_id: UUID) -> HttpResponse:
        notify_started(request, run_now(find_schedule(schedule_id)))
        return self.done(reverse("schedules"))


class ScheduleSwitch(ForOperators):
    """POST switches it on or off."""

    def post(self, request: HttpRequest, schedule_id: UUID) -> HttpResponse:
        schedule = find_schedule(schedule_id)
        if request.POST.get("enabled") == "true":
            schedule.is_enabled = True
            save(schedule)
        else:
            switch_off(schedule)
        words = gettext("%s is switched on.") if schedule.is_enabled else gettext("%s is switched off.")
        tell(request, words % schedule.name)
        return self.done(reverse("schedules"))


class ScheduleDeletion(ForOperators):
    def get(self, request: HttpRequest, schedule_id: UUID) -> HttpResponse:
        template = "web/_schedule_deletion.html" if is_part(request) else "web/schedule_deletion.html"
        return self.render(template, {"schedule": find_schedule(schedule_id)})

    def post(self, request: HttpRequest, schedule_id: UUID) -> HttpResponse:
        schedule = find_schedule(schedule_id)
        schedule.delete()
        tell(request, gettext("The schedule %s is deleted. Tasks that it started go on.") % schedule.name)
        return self.done(reverse("schedules"))


def find_schedule(schedule_id: UUID) -> Schedule:
    schedule = Schedule.objects.filter(pk=schedule_id).first()
    if schedule is None:
        raise Http404
    return schedule
