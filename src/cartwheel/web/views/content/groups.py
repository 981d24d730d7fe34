"""Groups: who is in them, and what they give."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.registry.models import User
from cartwheel.registry.people import add_member, create_group, delete_group, remove_member, rename_group
from cartwheel.registry.permissions import allows, require
from cartwheel.web.content.fields import exact
from cartwheel.web.content.forms import Form
from cartwheel.web.content.paging import page_of
from cartwheel.web.content.people import find_group
from cartwheel.web.views.content.base import Asking, ContentPage, question
from cartwheel.web.views.content.grants import GrantsPage

VIEW, ADD, CHANGE, DELETE = (f"galaxy.{act}_group" for act in ("view", "add", "change", "delete"))


class GroupForm(Form):
    name = exact(_("Name"), 150)


class GroupList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        require(self.user, VIEW)
        rows = (
            Group.objects.filter(name__icontains=self.words).annotate(members=Count("user")).order_by("name")
        )
        return self.show(
            "groups", {"page": page_of(request, rows), "words": self.words, "can_add": allows(self.user, ADD)}
        )


class GroupPage(GrantsPage):
    def get(self, request: HttpRequest, group_id: int) -> HttpResponse:
        require(self.user, VIEW)
        group = find_group(group_id)
        members = User.objects.filter(groups=group).order_by("username")
        context = {
            "group": group,
            "page": page_of(request, members),
            "can_change": allows(self.user, CHANGE),
            "can_delete": allows(self.user, DELETE),
            "sees_users": allows(self.user, "galaxy.view_user"),
            **self.grants_of(group),
        }
        return self.show("group", context)

    def post(self, request: HttpRequest, group_id: int) -> HttpResponse:
        """`add` is a username, `remove` a user's id; else it is about roles."""
        group = find_group(group_id)
        if "give" in request.POST or "take" in request.POST:
            return self.change_grants(group)
        require(self.user, CHANGE)
        added, removed = request.POST.get("add", "").strip(), request.POST.get("remove", "")
        wanted = {"username": added} if added else {"pk": removed if removed.isdecimal() else None}
        member = User.objects.filter(**wanted).first() if "\0" not in added and len(removed) < 10 else None
        if member is None:
            missing = gettext("There is no user named %(name)s.") % {"name": added}
            return self.said(missing if added else gettext("Say whom."), request.path, is_bad=True)
        (add_member if added else remove_member)(group, member, by=self.user)
        words = (
            gettext("%(who)s is now in %(group)s.")
            if added
            else gettext("%(who)s is no longer in %(group)s.")
        )
        return self.said(words % {"who": member, "group": group}, request.path)


def new_group(page: ContentPage, data: Any) -> Asking:
    require(page.user, ADD)

    def act(form: Form) -> HttpResponse:
        made = create_group(form.cleaned_data["name"], by=page.user)
        return page.said(gettext("Created group %(made)s.") % {"made": made}, _at(made))

    back = reverse("groups")
    return Asking(
        title=gettext("New group"),
        action=gettext("Create group"),
        form=GroupForm(data),
        act=act,
        back=back,
        trail=[(gettext("Groups"), back)],
    )


def rename(page: ContentPage, data: Any, group_id: int) -> Asking:
    require(page.user, CHANGE)
    group = find_group(group_id)

    def act(form: Form) -> HttpResponse:
        renamed = rename_group(group, form.cleaned_data["name"], by=page.user)
        return page.said(gettext("The group is now named %(group)s.") % {"group": renamed}, _at(renamed))

    return Asking(
        title=gettext("Rename group %(group)s") % {"group": group},
        action=gettext("Save"),
        form=GroupForm(data, initial={"name": group.name}),
        act=act,
        back=_at(group),
        trail=[(gettext("Groups"), reverse("groups")), (group.name, _at(group))],
    )


def deletion(page: ContentPage, data: Any, group_id: int) -> Asking:
    require(page.user, DELETE)
    group = find_group(group_id)

    def act() -> HttpResponse:
        delete_group(group, by=page.user)
        return page.said(gettext("Deleted group %(name)s.") % {"name": group.name}, reverse("groups"))

    return question(
        data,
        title=gettext("Delete group %(group)s?") % {"group": group},
        lines=[gettext("Its members stay, but lose the roles that they have through it.")],
        action=gettext("Delete"),
        act=act,
        back=_at(group),
    )


def _at(group: Group) -> str:
    return reverse("group", args=[group.pk])
