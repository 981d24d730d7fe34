"""Who has which role on a namespace, a repository or a remote."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.kit.errors import Invalid
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.access import give, given_on, require_manage, roles_for, take_back
from cartwheel.registry.models import User
from cartwheel.web.content.fields import exact
from cartwheel.web.content.forms import Form
from cartwheel.web.views.content.base import FormPage


class AccessForm(Form):
    kind = forms.ChoiceField(label=_("To"), choices=[("group", _("a group")), ("user", _("a person"))])
    who = exact(_("Name"), 150, help_text=_("Of the group, or the user name."))
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, target: Model, data: Any = None) -> None:
        super().__init__(data)
        self.roles = {each.name: each for each in roles_for(target)}
        role = self.fields["role"]
        if isinstance(role, forms.ChoiceField):
            role.choices = [(each, each.removeprefix("galaxy.")) for each in self.roles]


class AccessPage(FormPage):
    """What address and title are is said by those who know the object: `target`, `trail`."""

    template = "access"

    @property
    def target(self) -> Model:
        raise NotImplementedError

    def trail(self) -> list[tuple[str, str]]:
        raise NotImplementedError

    def allow(self) -> None:
        require_manage(self.target, by=self.user)

    def form(self, data: Any = None, files: Any = None) -> Form:
        return AccessForm(self.target, data)

    def context(self) -> dict[str, Any]:
        trail = self.trail()
        return {
            "title": gettext("Access to %(target)s") % {"target": self.target},
            "trail": trail,
            "back": trail[-1][1],
            "action": gettext("Give role"),
            "given": given_on(self.target),
        }

    def post(self, request: HttpRequest, **named: Any) -> HttpResponse:
        grant = request.POST.get("take", "")
        if grant and is_uuid(grant):
            take_back(self.target, grant, by=self.user)
            return self.said(gettext("Took the role away."), request.path)
        return super().post(request, **named)

    def act(self, form: Any) -> HttpResponse:
        who = _find(form.cleaned_data["kind"], form.cleaned_data["who"])
        give(self.target, form.roles[form.cleaned_data["role"]], [who], by=self.user)
        return self.said(
            gettext("Gave %(who)s the role %(role)s.") % {"who": who, "role": form.cleaned_data["role"]},
            self.request.path,
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
