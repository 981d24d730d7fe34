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
from cartwheel.web.notices import tell
from cartwheel.web.views.content.base import ContentPage, FormPage, QuestionPage
from cartwheel.web.views.content.grants import GrantsPage

VIEW, ADD, CHANGE, DELETE = (f"galaxy.{act}_group" for act in ("view", "add", "change", "delete"))
TEXT_LIMIT = 200  # characters of what is looked for


class GroupForm(Form):
    name = exact(_("Name"), 150)


class GroupList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        require(self.user, VIEW)
        words = request.GET.get("q", "").replace("\0", "")[:TEXT_LIMIT]
        rows = Group.objects.filter(name__icontains=words).annotate(members=Count("user")).order_by("name")
        return self.show(
            "groups", {"page": page_of(request, rows), "words": words, "can_add": allows(self.user, ADD)}
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
        """`add` is a user name, `remove` a user's id; else it is about roles."""
        group = find_group(group_id)
        if "give" in request.POST or "take" in request.POST:
            return self.change_grants(group)
        require(self.user, CHANGE)
        added, removed = request.POST.get("add", "").strip(), request.POST.get("remove", "")
        wanted = {"username": added} if added else {"pk": removed if removed.isdecimal() else None}
        member = User.objects.filter(**wanted).first() if "\0" not in added and len(removed) < 10 else None
        if member is None:
            tell(
                request,
                gettext("There is no user named %(added)s.") % {"added": added}
                if added
                else gettext("Say whom."),
                is_bad=True,
            )
            return self.done(request.path, leave=True)
        (add_member if added else remove_member)(group, member, by=self.user)
        words = (
            gettext("%(who)s is now in %(group)s.")
            if added
            else gettext("%(who)s is no longer in %(group)s.")
        )
        return self.said(words % {"who": member, "group": group}, request.path)


class NewGroup(FormPage):
    def allow(self) -> None:
        require(self.user, ADD)

    def form(self, data: Any = None, files: Any = None) -> Form:
        return GroupForm(data)

    def context(self) -> dict[str, Any]:
        back = reverse("groups")
        return {
            "title": gettext("New group"),
            "action": gettext("Create group"),
            "back": back,
            "trail": [(gettext("Groups"), back)],
        }

    def act(self, form: Any) -> HttpResponse:
        made = create_group(form.cleaned_data["name"], by=self.user)
        return self.said(
            gettext("Created group %(made)s.") % {"made": made}, reverse("group", args=[made.pk])
        )


class RenameGroup(FormPage):
    def allow(self) -> None:
        require(self.user, CHANGE)

    def form(self, data: Any = None, files: Any = None) -> Form:
        return GroupForm(data, initial={"name": find_group(self.kwargs["group_id"]).name})

    def context(self) -> dict[str, Any]:
        group = find_group(self.kwargs["group_id"])
        here = reverse("group", args=[group.pk])
        return {
            "title": gettext("Rename group %(group)s") % {"group": group},
            "action": gettext("Save"),
            "back": here,
            "trail": [(gettext("Groups"), reverse("groups")), (group.name, here)],
        }

    def act(self, form: Any) -> HttpResponse:
        group = rename_group(find_group(self.kwargs["group_id"]), form.cleaned_data["name"], by=self.user)
        return self.said(
            gettext("The group is now named %(group)s.") % {"group": group}, reverse("group", args=[group.pk])
        )


class GroupDeletion(QuestionPage):
    def allow(self) -> None:
        require(self.user, DELETE)

    def context(self) -> dict[str, Any]:
        group = find_group(self.kwargs["group_id"])
        return {
            "title": gettext("Delete group %(group)s?") % {"group": group},
            "lines": [gettext("Its members stay, but lose the roles that they have through it.")],
            "action": gettext("Delete"),
            "back": reverse("group", args=[group.pk]),
        }

    def act(self, form: Any) -> HttpResponse:
        group = find_group(self.kwargs["group_id"])
        delete_group(group, by=self.user)
        return self.said(gettext("Deleted group %(name)s.") % {"name": group.name}, reverse("groups"))
