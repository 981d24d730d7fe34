"""Sign in and out, with the session cookie that the API takes as well."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page

from cartwheel.registry.credentials import user_by_password
from cartwheel.registry.guessing import TooManyGuesses
from cartwheel.web.drafts import keep_draft


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("That username and password do not belong together. Check both; capitals matter."),
        "inactive": _("This account is switched off."),
    }

    def clean(self) -> dict[str, Any]:
        """Who it is, for the view. The same rule as the API's: many wrong passwords cost a wait."""
        given = self.cleaned_data
        if given.get("username") and given.get("password"):
            address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
            try:
                self.user_cache = user_by_password(given["username"], given["password"], address=address)
            except TooManyGuesses as problem:
                raise ValidationError(problem.message) from None
            if self.user_cache is None:
                raise self.get_invalid_login_error()
        return given


@method_decorator(gzip_page, name="dispatch")
class SignIn(LoginView):
    """Goes on to `next` only if that is an address of this hub, with what had been typed there."""

    template_name = "web/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(draft=self.request.POST.get("draft", ""), **more)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        keep_draft(self.request, self.get_success_url(), self.request.POST.get("draft", ""))
        return answer


class SignOut(LogoutView):
    next_page = "/login/"
