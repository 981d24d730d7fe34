"""Who has which role on a namespace, a repository or a remote."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.kit.errors import Invalid
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.access import give, given_on, require_manage, roles_for, take_back
from cartwheel.registry.models import User
from cartwheel.web.content.fields import exact
from cartwheel.web.content.forms import Form
from cartwheel.web.views.content.base import Asking, ContentPage, Trail


class AccessForm(Form):
    kind = forms.ChoiceField(label=_("To"), choices=[("group", _("a group")), ("user", _("a person"))])
    who = exact(_("Name"), 150, help_text=_("Of the group, or the username."))
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, target: Model, by: User, data: Any = None) -> None:
        super().__init__(data)
        self.roles = {each.name: each for each in roles_for(target, by=by)}
        role = self.fields["role"]
        if isinstance(role, forms.ChoiceField):
            role.choices = [(each, each) for each in self.roles]


def access(page: ContentPage, data: Any, target: Model, trail: Trail) -> Asking:
    """Who has which role on an object, one more role to give, and each to take back: `take` is a grant's id."""
    require_manage(target, by=page.user)
    here = page.request.path
    taken = data.get("take", "") if data else ""

    def act_take(_: Any) -> HttpResponse:
        take_back(target, taken, by=page.user)
        return page.said(gettext("Removed the role."), here)

    def act_give(form: AccessForm) -> HttpResponse:
        given = form.cleaned_data
        who = _find(given["kind"], given["who"])
        give(target, form.roles[given["role"]], [who], by=page.user)
        words = gettext("Gave %(who)s the role %(role)s.") % {"who": who, "role": given["role"]}
        return page.said(words, here)

    is_taking = is_uuid(taken)
    return Asking(
        title=gettext("Access to %(target)s") % {"target": target},
        action=gettext("Give role"),
        form=Form(data) if is_taking else AccessForm(target, page.user, data),
        act=act_take if is_taking else act_give,
        back=trail[-1][1],
        trail=trail,
        template="access",
        more={"given": given_on(target)},
    )


def _find(kind: str, called: str) -> User | Group:
    found: User | Group | None
    if kind == "group":
        found, missing = (
            Group.objects.filter(name=called).first(),
            gettext("There is no group named %(name)s."),
        )
    else:
        found, missing = (
            User.objects.filter(username=called).first(),
            gettext("There is no user named %(name)s."),
        )
    if found is None:
        raise Invalid(missing % {"name": called}, field="who")
    return found
