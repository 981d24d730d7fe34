"""Users, for those who may see and change them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.kit.errors import Denied
from cartwheel.registry.models import User
from cartwheel.registry.people import UserChanges, change_user, create_user, delete_user
from cartwheel.registry.permissions import DENIED, allows, require
from cartwheel.web.content.fields import text
from cartwheel.web.content.forms import Form
from cartwheel.web.content.paging import page_of
from cartwheel.web.content.people import find_user
from cartwheel.web.views.content.base import ContentPage, FormPage, QuestionPage
from cartwheel.web.views.content.grants import GrantsPage

VIEW, ADD, CHANGE, DELETE = (f"galaxy.{act}_user" for act in ("view", "add", "change", "delete"))
TEXT_LIMIT = 200  # characters of what is looked for


class UserForm(Form):
    """`password` may stay empty; `is_superuser` and groups are there for those who may give them."""

    username = forms.CharField(label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()])
    first_name = text(_("First name"), 150)
    last_name = text(_("Last name"), 150)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=128,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    groups = forms.ModelMultipleChoiceField(Group.objects.order_by("name"), label=_("Groups"), required=False)
    is_active = forms.BooleanField(label=_("May sign in"), required=False, initial=True)
    is_superuser = forms.BooleanField(label=_("Superuser: may do everything"), required=False)

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if password:
            validate_password(password)
        return password


class UserList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        require(self.user, VIEW)
        words = request.GET.get("q", "").replace("\0", "")[:TEXT_LIMIT]
        rows = User.objects.prefetch_related("groups").order_by("username")
        if words:
            named = (
                Q(username__icontains=words) | Q(first_name__icontains=words) | Q(last_name__icontains=words)
            )
            rows = rows.filter(named | Q(email__icontains=words))
        return self.show(
            "users", {"page": page_of(request, rows), "words": words, "can_add": allows(self.user, ADD)}
        )


class UserPage(GrantsPage):
    def get(self, request: HttpRequest, user_id: int) -> HttpResponse:
        require(self.user, VIEW)
        person = find_user(user_id)
        is_mine = person.pk == self.user.pk
        protected = person.is_superuser and not self.user.is_superuser
        context = {
            "person": person,
            "groups": person.groups.order_by("name"),
            "can_change": not protected and (is_mine or allows(self.user, CHANGE)),
            "can_delete": not is_mine and not person.is_superuser and allows(self.user, DELETE),
            **self.grants_of(person),
        }
        return self.show("user", context)

    def post(self, request: HttpRequest, user_id: int) -> HttpResponse:
        return self.change_grants(find_user(user_id))


class _UserFormPage(FormPage):
    def _fitting(self, form: UserForm) -> UserForm:
        """Without what only superusers may say."""
        if not self.user.is_superuser:
            del form.fields["is_superuser"]
        return form


class NewUser(_UserFormPage):
    def allow(self) -> None:
        require(self.user, ADD)

    def form(self, data: Any = None, files: Any = None) -> Form:
        form = self._fitting(UserForm(data))
        form.fields["password"].help_text = gettext("Without one, this person cannot sign in yet.")
        return form

    def context(self) -> dict[str, Any]:
        back = reverse("users")
        return {
            "title": gettext("New user"),
            "action": gettext("Create user"),
            "back": back,
            "trail": [(gettext("Users"), back)],
        }

    def act(self, form: Any) -> HttpResponse:
        made = create_user(
            cast(UserChanges, {**form.cleaned_data, "groups": list(form.cleaned_data["groups"])}),
            by=self.user,
        )
        return self.said(gettext("Created user %(made)s.") % {"made": made}, reverse("user", args=[made.pk]))


class EditUser(_UserFormPage):
    @property
    def person(self) -> User:
        return find_user(self.kwargs["user_id"])

    def allow(self) -> None:
        require(self.user, VIEW)
        if self.person.pk != self.user.pk:
            require(self.user, CHANGE)
        if self.person.is_superuser and not self.user.is_superuser:
            raise Denied(DENIED)

    def form(self, data: Any = None, files: Any = None) -> Form:
        person = self.person
        known = {
            each: getattr(person, each) for each in UserForm.base_fields if each not in ("password", "groups")
        }
        form = self._fitting(UserForm(data, initial={**known, "groups": person.groups.all()}))
        form.fields["password"].help_text = gettext("Left empty, it stays as it is.")
        if not self.user.is_superuser and person.pk != self.user.pk:
            del form.fields["password"]
        return form

    def context(self) -> dict[str, Any]:
        person = self.person
        here = reverse("user", args=[person.pk])
        return {
            "title": gettext("Edit user %(person)s") % {"person": person},
            "action": gettext("Save"),
            "back": here,
            "trail": [(gettext("Users"), reverse("users")), (person.username, here)],
        }

    def act(self, form: Any) -> HttpResponse:
        given = {**form.cleaned_data, "groups": list(form.cleaned_data["groups"])}
        changed = change_user(self.person, cast(UserChanges, given), by=self.user)
        return self.said(
            gettext("Saved user %(changed)s.") % {"changed": changed}, reverse("user", args=[changed.pk])
        )


class UserDeletion(QuestionPage):
    @property
    def person(self) -> User:
        return find_user(self.kwargs["user_id"])

    def allow(self) -> None:
        require(self.user, DELETE)
        if self.person.is_superuser or self.person.pk == self.user.pk:
            raise Denied(DENIED)

    def context(self) -> dict[str, Any]:
        person = self.person
        return {
            "title": gettext("Delete user %(person)s?") % {"person": person},
            "lines": [
                gettext(
                    "The account goes with its token, sessions and roles. What this person has published stays."
                )
            ],
            "action": gettext("Delete"),
            "back": reverse("user", args=[person.pk]),
        }

    def act(self, form: Any) -> HttpResponse:
        person = self.person
        delete_user(person, by=self.user)
        return self.said(
            gettext("Deleted user %(username)s.") % {"username": person.username}, reverse("users")
        )
