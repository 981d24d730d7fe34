"""Pages for what went wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cartwheel.kit.errors import CartwheelError

TITLES = {
    400: "That is not right",
    403: "Not yours to do",
    404: "Not Found",
    409: "Too late",
}


def problem_page(request: HttpRequest, problem: CartwheelError) -> HttpResponse:
    """The one place where the hub's errors become a page."""
    context = {
        "title": TITLES.get(problem.status, "Something went wrong"),
        "status": problem.status,
        "message": problem.message,
    }
    return render(request, "web/problem.html", context, status=problem.status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was not ours, or the page is too old."""
    return render(request, "web/csrf.html", status=403)
