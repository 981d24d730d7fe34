"""Pages with a form to fill in: what was typed there is not lost when the session has ended."""

from __future__ import annotations

from django.http import HttpResponse

from cartwheel.web.drafts import draft_of
from cartwheel.web.views.pages import Page, is_part
from cartwheel.web.views.sign_in import SignInForm


class TypedPage(Page):
    def sign_in_first(self) -> HttpResponse:
        """What was typed goes with the form to sign in: without scripts nothing else keeps it."""
        if self.request.method != "POST" or is_part(self.request):
            return super().sign_in_first()
        context = {"next": self.request.get_full_path(), "draft": draft_of(self.request.POST)}
        return self.render("web/sign_in.html", {"form": SignInForm(self.request), **context})
