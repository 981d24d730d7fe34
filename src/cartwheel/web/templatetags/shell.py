"""What every page has around its own content: where to go, what to tell, light or dark."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone

from cartwheel.engine.models import Pause
from cartwheel.registry.models import User
from cartwheel.registry.permissions import allows
from cartwheel.registry.task_rights import CHANGE
from cartwheel.web import moments
from cartwheel.web.navigation import groups_for
from cartwheel.web.notices import read_notices, seen, unfinished

register = template.Library()

THEMES = ("light", "dark")  # neither: as the system wishes


def _request(context: template.Context) -> HttpRequest | None:
    """The request; none on the page that is shown when everything broke."""
    request = context.get("request")
    return request if isinstance(request, HttpRequest) else None


def _is_signed_in(request: HttpRequest | None) -> bool:
    return request is not None and isinstance(getattr(request, "user", None), User)


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """What the person chose: "light", "dark" or nothing."""
    request = _request(context)
    chosen = request.COOKIES.get("theme", "") if request else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag
def time_words() -> str:
    """What scripts tell times in, as JSON."""
    return moments.words_for_scripts()


@register.simple_tag
def clock() -> str:
    return moments.stamp(timezone.now())


@register.inclusion_tag("web/_navigation.html", takes_context=True)
def navigation(context: template.Context) -> dict[str, Any]:
    request = _request(context)
    if request is None or not isinstance(request.user, User):
        return {"groups": []}
    return {"groups": groups_for(request.user, request.path)}


@register.inclusion_tag("web/_notices.html", takes_context=True)
def notices(context: template.Context) -> dict[str, Any]:
    """The notices of the page. They count as seen, but not where a script takes only a part of the page."""
    request = _request(context)
    if request is None or not _is_signed_in(request) or request.headers.get("HX-Request") == "true":
        return {"notices": []}
    found = read_notices(request)
    seen(request, found)
    return {"notices": found, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("web/_status.html", takes_context=True)
def hub_status(context: template.Context) -> dict[str, Any]:
    """Is the hub paused, and how many of the person's own tasks go on?"""
    request = _request(context)
    if request is None or not _is_signed_in(request):
        return {}
    return {**status_of(request), "csrf_token": context.get("csrf_token")}


def status_of(request: HttpRequest) -> dict[str, Any]:
    pause = Pause.objects.select_related("created_by").filter(scope=Pause.Scope.HUB).first()
    may_resume = bool(pause) and allows(request.user, CHANGE)
    return {"hub_pause": pause, "may_resume": may_resume, "unfinished": unfinished(request)}
