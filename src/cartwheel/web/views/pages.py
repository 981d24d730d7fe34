"""What all pages for signed-in people have in common."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page

from cartwheel.kit.errors import CartwheelError
from cartwheel.registry.models import User
from cartwheel.web import moments
from cartwheel.web.notices import read_notices, seen
from cartwheel.web.templatetags.shell import status_of
from cartwheel.web.views.errors import problem_page


@method_decorator([never_cache, gzip_page], name="dispatch")
class Page(View):
    """A page, or a live part of one. Who is not signed in is sent to sign in, and then back."""

    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return self.sign_in_first()
        self.user = request.user
        try:
            self.check()
            return super().dispatch(request, *args, **kwargs)
        except CartwheelError as problem:
            return problem_page(request, problem)

    def sign_in_first(self) -> HttpResponse:
        if is_part(self.request):
            # The session ended while the page was open: the page as a whole must be asked for again.
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        return redirect_to_login(_page_of(self.request))

    def check(self) -> None:
        """Raises Denied if the page is not for this user."""

    def render(self, template: str, context: dict[str, Any]) -> HttpResponse:
        return render(self.request, template, context)

    def render_live(self, template: str, context: dict[str, Any], *, event: int) -> HttpResponse:
        """A page that shows what was after that event, and follows what comes."""
        return self.render(template, context | {"event": event, "clock": moments.stamp(timezone.now())})

    def done(self, address: str, *, leave: bool = False) -> HttpResponse:
        """After an act: scripts get the notices, others are led on. `leave`: scripts are led on too."""
        if not is_part(self.request):
            return HttpResponseRedirect(address)
        if leave:
            return HttpResponse(status=204, headers={"HX-Location": address})
        found = read_notices(self.request)
        seen(self.request, [each for each in found if not each.task])
        return self.render("web/notices.html", {"notices": found, **status_of(self.request)})


def is_part(request: HttpRequest) -> bool:
    """Does a script ask, for a part of a page that is open?"""
    return request.headers.get("HX-Request") == "true"


def _page_of(request: HttpRequest) -> str:
    """The page that somebody is on: what was sent may have gone to an address that is no page."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if request.method == "POST" and came_from.netloc == request.get_host():
        return came_from._replace(scheme="", netloc="").geturl()
    return request.get_full_path()
