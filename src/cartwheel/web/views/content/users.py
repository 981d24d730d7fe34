"""Users, for those who may see and change them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.kit.errors import Denied
from cartwheel.registry.models import Token, User
from cartwheel.registry.people import UserChanges, change_user, create_user, delete_user, revoke_token_of
from cartwheel.registry.permissions import DENIED, allows, require
from cartwheel.web.content.fields import text
from cartwheel.web.content.forms import Form, boxes
from cartwheel.web.content.paging import page_of
from cartwheel.web.content.people import find_user
from cartwheel.web.views.content.base import Asking, ContentPage, question
from cartwheel.web.views.content.grants import GrantsPage

VIEW, ADD, CHANGE, DELETE = (f"galaxy.{act}_user" for act in ("view", "add", "change", "delete"))


class UserForm(Form):
    """`password` may stay empty; `is_superuser` and groups are there for those who may give them."""

    username = forms.CharField(label=_("Username"), max_length=150, validators=[UnicodeUsernameValidator()])
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
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"), label=_("Groups"), required=False, widget=boxes()
    )
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
        words = self.words
        rows = User.objects.prefetch_related(Prefetch("groups", Group.objects.order_by("name")))
        rows = rows.order_by("username")
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
            "has_token": Token.objects.filter(user=person).exists(),
            "can_delete": not is_mine and not person.is_superuser and allows(self.user, DELETE),
            **self.grants_of(person),
        }
        return self.show("user", context)

    def post(self, request: HttpRequest, user_id: int) -> HttpResponse:
        return self.change_grants(find_user(user_id))


def new_user(page: ContentPage, data: Any) -> Asking:
    require(page.user, ADD)

    def act(form: Form) -> HttpResponse:
        made = create_user(_changes(form), by=page.user)
        return page.said(gettext("Created user %(made)s.") % {"made": made}, _at(made))

    back = reverse("users")
    form = _fitting(UserForm(data), page.user)
    form.fields["password"].help_text = gettext("Without one, this person cannot sign in yet.")
    return Asking(
        title=gettext("New user"),
        action=gettext("Create user"),
        form=form,
        act=act,
        back=back,
        trail=[(gettext("Users"), back)],
    )


def _find_to_change(page: ContentPage, user_id: int) -> User:
    """Raises Denied."""
    require(page.user, VIEW)
    person = find_user(user_id)
    if person.pk != page.user.pk:
        require(page.user, CHANGE)
    if person.is_superuser and not page.user.is_superuser:
        raise Denied(DENIED)
    return person


def token_removal(page: ContentPage, data: Any, user_id: int) -> Asking:
    person = _find_to_change(page, user_id)

    def act() -> HttpResponse:
        revoke_token_of(person, by=page.user)
        return page.said(
            gettext("The token of %(name)s no longer works.") % {"name": person.username}, _at(person)
        )

    return question(
        data,
        title=gettext("Revoke the token of %(person)s?") % {"person": person},
        lines=[gettext("Whatever uses it cannot sign in any more. Its owner can make a new one.")],
        action=gettext("Revoke token"),
        act=act,
        back=_at(person),
    )


def edit(page: ContentPage, data: Any, user_id: int) -> Asking:
    person = _find_to_change(page, user_id)

    def act(form: Form) -> HttpResponse:
        changed = change_user(person, _changes(form), by=page.user)
        return page.said(gettext("Saved user %(changed)s.") % {"changed": changed}, _at(changed))

    return Asking(
        title=gettext("Edit user %(person)s") % {"person": person},
        action=gettext("Save"),
        form=_form_of(person, data, page.user),
        act=act,
        back=_at(person),
        trail=[(gettext("Users"), reverse("users")), (person.username, _at(person))],
    )


def deletion(page: ContentPage, data: Any, user_id: int) -> Asking:
    require(page.user, DELETE)
    person = find_user(user_id)
    if person.is_superuser or person.pk == page.user.pk:
        raise Denied(DENIED)

    def act() -> HttpResponse:
        delete_user(person, by=page.user)
        return page.said(gettext("Deleted user %(name)s.") % {"name": person.username}, reverse("users"))

    goes = gettext(
        "The account goes with its token, sessions and roles. What this person has published stays."
    )
    return question(
        data,
        title=gettext("Delete user %(person)s?") % {"person": person},
        lines=[goes],
        action=gettext("Delete"),
        act=act,
        back=_at(person),
    )


def _form_of(person: User, data: Any, by: User) -> UserForm:
    plain = [each for each in UserForm.base_fields if each not in ("password", "groups")]
    known = {each: getattr(person, each) for each in plain}
    form = _fitting(UserForm(data, initial={**known, "groups": person.groups.all()}), by)
    form.fields["password"].help_text = gettext(
        "Left empty, it stays as it is. A new one ends all sessions; a token stays until it is revoked."
    )
    if not by.is_superuser and person.pk != by.pk:
        del form.fields["password"]
    return form


def _fitting(form: UserForm, by: User) -> UserForm:
    """Without what only superusers may say."""
    if not by.is_superuser:
        del form.fields["is_superuser"]
    return form


def _changes(form: Form) -> UserChanges:
    given = form.cleaned_data
    return cast(UserChanges, {**given, "groups": list(given["groups"])})


def _at(person: User) -> str:
    return reverse("user", args=[person.pk])
