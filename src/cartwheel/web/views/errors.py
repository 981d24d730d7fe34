"""Pages for what went wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.kit.errors import CartwheelError

TITLES = {
    400: _("That is not right"),
    403: _("Not yours to do"),
    404: _("Not found"),
    409: _("Too late"),
}


def problem_page(request: HttpRequest, problem: CartwheelError) -> HttpResponse:
    """The one place where the hub's errors become a page."""
    context = {
        "title": TITLES.get(problem.status) or gettext("Something went wrong"),
        "status": problem.status,
        "message": words_of(problem),
    }
    return render(request, "web/problem.html", context, status=problem.status)


def words_of(problem: CartwheelError) -> str:
    """Its message, in the page's language where a catalogue has it: those that name things are said as they are."""
    return gettext(problem.message) if problem.message else ""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was not ours, or the page is too old."""
    return render(request, "web/csrf.html", status=403)
