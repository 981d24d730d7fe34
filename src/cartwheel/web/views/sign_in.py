"""Sign in and out, with the session cookie that the API takes as well."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "That user name and password do not belong together. Check both; capitals matter.",
        "inactive": "This account is switched off.",
    }


@method_decorator(gzip_page, name="dispatch")
class SignIn(LoginView):
    """Goes on to `next` only if that is an address of this hub."""

    template_name = "web/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOut(LogoutView):
    next_page = "/login/"
