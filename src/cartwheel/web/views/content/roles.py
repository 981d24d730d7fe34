"""Roles: what they allow and who has them. Superusers make and change them."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.kit.errors import Denied
from cartwheel.registry.catalogue import CATALOGUE
from cartwheel.registry.models import Role, RoleGrant
from cartwheel.registry.permissions import require_superuser
from cartwheel.registry.roles import KNOWN, RoleChanges, change_role, create_role, delete_role
from cartwheel.web.content.fields import exact
from cartwheel.web.content.forms import Form, area, boxes
from cartwheel.web.content.paging import page_of
from cartwheel.web.content.people import find_role
from cartwheel.web.views.content.base import Asking, ContentPage, question

HOLDERS = 200  # shown on the page


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Permissions by category; those that no client is told of stand last."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for each in CATALOGUE:
        groups.setdefault(gettext(each.category), []).append(
            (each.name, f"{gettext(each.title)} ({each.name})")
        )
    others = sorted(KNOWN - {each.name for each in CATALOGUE})
    return [*groups.items(), (gettext("Others"), [(each, each) for each in others])]


class RoleForm(Form):
    name = exact(_("Name"), 128)
    description = forms.CharField(label=_("Description"), required=False, max_length=10_000, widget=area(2))
    permissions = forms.MultipleChoiceField(
        label=_("It allows"), choices=_choices, required=False, widget=boxes()
    )


class RoleList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        held = Count("grants", filter=~Q(grants__object_type="task"))
        rows = Role.objects.filter(name__icontains=self.words).annotate(held=held).order_by("name")
        return self.show(
            "roles", {"page": page_of(request, rows), "words": self.words, "can_add": self.user.is_superuser}
        )


class RolePage(ContentPage):
    def get(self, request: HttpRequest, role_id: UUID) -> HttpResponse:
        role = find_role(role_id)
        titles = {each.name: gettext(each.title) for each in CATALOGUE}
        rows = RoleGrant.objects.filter(role=role, object_type="").select_related("user", "group")
        context = {
            "role": role,
            "permissions": [(each, titles.get(each, "")) for each in role.permissions],
            "holders": rows.order_by("group__name", "user__username")[:HOLDERS]
            if self.user.is_superuser
            else None,
            "can_change": self.user.is_superuser and not role.locked,
        }
        return self.show("role", context)


def new_role(page: ContentPage, data: Any) -> Asking:
    require_superuser(page.user)

    def act(form: Form) -> HttpResponse:
        made = create_role(cast(RoleChanges, form.cleaned_data), by=page.user)
        return page.said(gettext("Created role %(made)s.") % {"made": made}, _at(made))

    back = reverse("roles")
    return Asking(
        title=gettext("New role"),
        action=gettext("Create role"),
        form=RoleForm(data),
        act=act,
        back=back,
        trail=[(gettext("Roles"), back)],
    )


def edit(page: ContentPage, data: Any, role_id: UUID) -> Asking:
    role = _changeable(page, role_id)

    def act(form: Form) -> HttpResponse:
        changed = change_role(role, cast(RoleChanges, form.cleaned_data), by=page.user)
        return page.said(gettext("Saved role %(role)s.") % {"role": changed}, _at(changed))

    return Asking(
        title=gettext("Edit role %(role)s") % {"role": role},
        action=gettext("Save"),
        form=RoleForm(data, initial={each: getattr(role, each) for each in RoleForm.base_fields}),
        act=act,
        back=_at(role),
        trail=[(gettext("Roles"), reverse("roles")), (role.name, _at(role))],
    )


def deletion(page: ContentPage, data: Any, role_id: UUID) -> Asking:
    role = _changeable(page, role_id)

    def act() -> HttpResponse:
        delete_role(role, by=page.user)
        return page.said(gettext("Deleted role %(name)s.") % {"name": role.name}, reverse("roles"))

    return question(
        data,
        title=gettext("Delete role %(role)s?") % {"role": role},
        lines=[gettext("Everybody who has it loses it.")],
        action=gettext("Delete"),
        act=act,
        back=_at(role),
    )


def _changeable(page: ContentPage, role_id: UUID) -> Role:
    require_superuser(page.user)
    role = find_role(role_id)
    if role.locked:
        raise Denied(gettext("The role is locked."))
    return role


def _at(role: Role) -> str:
    return reverse("role", args=[role.pk])
