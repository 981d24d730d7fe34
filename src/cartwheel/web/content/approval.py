"""What waits for approval, and where it can go."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cartwheel.registry.contents import MODIFY
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import Repository, User
from cartwheel.registry.permissions import permissions_by_object

STATES = {"staging": _("Waiting"), "approved": _("Approved"), "rejected": _("Rejected")}


@dataclass(frozen=True)
class Pipeline:
    """The repositories of each part of the approval flow that somebody may read, and those they may change."""

    by_state: dict[str, list[Repository]]
    changeable: frozenset[str]  # their ids

    def may_change(self, repository: Repository) -> bool:
        return str(repository.pk) in self.changeable

    def targets(self, state: str) -> list[Repository]:
        return [each for each in self.by_state[state] if self.may_change(each)]

    def all(self) -> list[Repository]:
        return [each for held in self.by_state.values() for each in held]


def pipeline_of(user: User) -> Pipeline:
    """Two statements."""
    rows = Repository.objects.filter(readable_by(user) & Q(labels__has_key="pipeline")).order_by("name")
    found: dict[str, list[Repository]] = {state: [] for state in STATES}
    for each in rows:
        found.get(each.pipeline or "", []).append(each)
    everywhere, by_id = permissions_by_object(user, "repository")
    may_all = user.is_superuser or MODIFY in everywhere
    changeable = {
        str(each.pk)
        for held in found.values()
        for each in held
        if may_all or MODIFY in by_id.get(str(each.pk), ())
    }
    return Pipeline(found, frozenset(changeable))
