"""What goes with every page: notices, the bell, light or dark."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from cartwheel.web.notices import put_away, read_notices, read_started
from cartwheel.web.templatetags.shell import THEMES, status_of
from cartwheel.web.views.pages import Page, is_part

YEAR = 365 * 24 * 3600  # seconds


class Notices(Page):
    """Notices as they are now, those with these ids; and whether the hub is paused."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = read_notices(request, request.GET.getlist("id"))
        return self.render("web/notices.html", {"notices": found, **status_of(request)})


class NoticeDismissal(Page):
    def post(self, request: HttpRequest, notice_id: str) -> HttpResponse:
        put_away(request, notice_id)
        if is_part(request):
            return HttpResponse(status=204)
        return HttpResponseRedirect(back_to(request, request.headers.get("Referer", "")))


class Started(Page):
    """The tasks that one started: what the bell shows."""

    def get(self, request: HttpRequest) -> HttpResponse:
        template = "web/_started.html" if is_part(request) else "web/started.html"
        return self.render(template, {"tasks": read_started(request), "user": self.user})


class Theme(View):
    """Light, dark, or as the system wishes; kept in a cookie."""

    def post(self, request: HttpRequest) -> HttpResponse:
        answer = HttpResponseRedirect(back_to(request, request.POST.get("next", "")))
        chosen = request.POST.get("theme", "")
        if chosen in THEMES:
            answer.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
        else:
            answer.delete_cookie("theme", samesite="Lax")
        return answer


def back_to(request: HttpRequest, address: str) -> str:
    """The address if it is one of this hub, else the hub's own first page."""
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else "/"
