"""One's own account: the token, name and e-mail, the password."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.registry.credentials import renew_token, revoke_token
from cartwheel.registry.models import Token
from cartwheel.registry.people import UserChanges, change_user
from cartwheel.web.content.fields import text
from cartwheel.web.content.forms import Form
from cartwheel.web.views.content.base import Asking, ContentPage

PASSWORD_LIMIT = 128  # characters


class TokenPage(ContentPage):
    """Make a token, shown this once, or take it away; and how clients are told of it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page("")

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("act") == "revoke":
            revoke_token(self.user)
            return self.said(gettext("Your token no longer works."), reverse("token"))
        return self._page(renew_token(self.user))

    def _page(self, key: str) -> HttpResponse:
        context = {
            "key": key,
            "token": Token.objects.filter(user=self.user).first(),
            "server": f"{self.origin}{settings.CONFIG.api_prefix}",
        }
        return self.show("token", context)


class ProfileForm(Form):
    first_name = text(_("First name"), 150, autocomplete="given-name")
    last_name = text(_("Last name"), 150, autocomplete="family-name")
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)


def profile(page: ContentPage, data: Any) -> Asking:
    def act(form: Form) -> HttpResponse:
        change_user(page.user, cast(UserChanges, form.cleaned_data), by=page.user)
        return page.said(gettext("Saved."), reverse("profile"))

    known = {each: getattr(page.user, each) for each in ProfileForm.base_fields}
    links = [(gettext("Change password"), reverse("password")), (gettext("Your token"), reverse("token"))]
    return Asking(
        title=gettext("Your account"),
        action=gettext("Save"),
        form=ProfileForm(data, initial=known),
        act=act,
        more={"links": links},
    )


class PasswordForm(Form):
    old_password = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=PASSWORD_LIMIT,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    new_password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=PASSWORD_LIMIT,
        help_text=_("At least 9 characters, not only digits, and none that everybody uses."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        self.user = user

    def clean_old_password(self) -> str:
        old = str(self.cleaned_data["old_password"])
        if not self.user.check_password(old):
            raise forms.ValidationError(gettext("That is not your present password."))
        return old

    def clean_new_password(self) -> str:
        new = str(self.cleaned_data["new_password"])
        validate_password(new, self.user)
        return new


def password(page: ContentPage, data: Any) -> Asking:
    """Changing it ends all other sessions of this person."""

    def act(form: Form) -> HttpResponse:
        change_user(page.user, {"password": form.cleaned_data["new_password"]}, by=page.user)
        update_session_auth_hash(page.request, page.user)
        return page.said(gettext("Your password is changed."), reverse("profile"))

    back = reverse("profile")
    lead = gettext("You stay signed in here, and are signed out everywhere else. Your token goes on working.")
    return Asking(
        title=gettext("Change password"),
        action=gettext("Change password"),
        form=PasswordForm(page.user, data),
        act=act,
        back=back,
        trail=[(gettext("Your account"), back)],
        more={"lead": lead},
    )
