"""The roles that a person or a group has: given and taken by superusers."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.http import Http404, HttpResponse
from django.utils.translation import gettext

from cartwheel.kit.errors import Invalid
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.access import grant, revoke
from cartwheel.registry.models import CollectionRemote, Namespace, Repository, Role, RoleGrant, User
from cartwheel.registry.permissions import require_superuser
from cartwheel.web.views.content.base import ContentPage

NAMED: dict[str, Any] = {
    "namespace": Namespace,
    "repository": Repository,
    "collectionremote": CollectionRemote,
}
WORDS = {"collectionremote": "remote"}
SHOWN = 200  # grants


class GrantsPage(ContentPage):
    """A page of somebody, with the roles that they have."""

    def grants_of(self, who: User | Group) -> dict[str, Any]:
        """One statement, and one for each kind of object."""
        rows = (
            _grants(who)
            .exclude(object_type="task")
            .select_related("role")
            .order_by("object_type", "role__name")
        )
        found = list(rows[:SHOWN])
        names = _names(found)
        return {
            "grants": [(each, names.get((each.object_type, each.object_id), "")) for each in found],
            "roles": Role.objects.order_by("name") if self.user.is_superuser else [],
        }

    def change_grants(self, who: User | Group) -> HttpResponse:
        """`give` is the name of a role, for everything; `take` the id of a grant."""
        require_superuser(self.user)
        given, taken = self.request.POST.get("give", ""), self.request.POST.get("take", "")
        if is_uuid(taken):
            known = _grants(who).filter(pk=taken).select_related("role").first()
            if known is None:
                raise Http404
            revoke(known, by=self.user)
            return self.said(
                gettext("%(who)s no longer has the role %(role)s.") % {"who": who, "role": known.role},
                self.request.path,
            )
        role = Role.objects.filter(name=given.replace("\0", "")).first()
        try:
            if role is None:
                raise Invalid(gettext("Choose a role."))
            grant(role, who, None, by=self.user)
        except Invalid as problem:
            return self.said(problem.message, self.request.path, is_bad=True)
        return self.said(
            gettext("Gave %(who)s the role %(role)s.") % {"who": who, "role": role}, self.request.path
        )


def _grants(who: User | Group) -> Any:
    return RoleGrant.objects.filter(**({"user": who} if isinstance(who, User) else {"group": who}))


def _names(grants: list[RoleGrant]) -> dict[tuple[str, str], str]:
    """What the objects of grants are called: "namespace acme"."""
    found = {}
    for kind, model in NAMED.items():
        ids = [each.object_id for each in grants if each.object_type == kind]
        for pk, name in model.objects.filter(pk__in=ids).values_list("pk", "name") if ids else ():
            found[kind, str(pk)] = f"{WORDS.get(kind, kind)} {name}"
    return found
