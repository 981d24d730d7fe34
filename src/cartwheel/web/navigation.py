"""Where one can go from every page. An entry shows once its page exists, to those who may open it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from cartwheel.registry.models import User
from cartwheel.registry.permissions import permissions_on

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Entry:
    """A page: what it is called, the name of its address, and the permission that opens it, if one does."""

    label: StrOrPromise
    name: str
    permission: str = ""
    also: tuple[str, ...] = ()  # beginnings of other addresses that belong to it

    @property
    def address(self) -> str:
        return _address(self.name)

    def is_current(self, path: str) -> bool:
        if path == self.address or path.startswith(self.also or ("\0",)):
            return True
        return self.address != "/" and path.startswith(self.address)


@dataclass(frozen=True)
class Link:
    label: StrOrPromise
    address: str
    is_current: bool


@dataclass(frozen=True)
class Group:
    label: StrOrPromise
    links: tuple[Link, ...]


GROUPS: tuple[tuple[StrOrPromise, tuple[Entry, ...]], ...] = (
    (
        _("Tasks"),
        (
            Entry(_("Overview"), "overview"),
            Entry(_("Tasks"), "tasks", also=("/tasks/",)),
            Entry(_("Schedules"), "schedules"),
            Entry(_("Workers"), "workers", "core.change_task"),
        ),
    ),
    (
        _("Content"),
        (
            Entry(_("Collections"), "collections"),
            Entry(_("Namespaces"), "namespaces", also=("/new/namespace/",)),
            Entry(_("Imports"), "imports", also=("/upload/",)),
            Entry(_("Approval"), "approval"),
            Entry(_("Repositories"), "repositories", also=("/new/repository/",)),
            Entry(_("Remotes"), "remotes", also=("/new/remote/",)),
            Entry(_("Distributions"), "distributions", also=("/new/distribution/",)),
        ),
    ),
    (
        _("People"),
        (
            Entry(_("Users"), "users", "galaxy.view_user", also=("/new/user/",)),
            Entry(_("Groups"), "groups", "galaxy.view_group", also=("/new/group/",)),
            Entry(_("Roles"), "roles", also=("/new/role/",)),
        ),
    ),
)


def groups_for(user: User, path: str) -> list[Group]:
    """The entries for somebody, on the page with that path. One statement, or none for a superuser."""
    held = None if user.is_superuser else permissions_on(user)
    found = []
    for label, entries in GROUPS:
        links = tuple(
            Link(str(each.label), each.address, each.is_current(path))
            for each in _there(entries)
            if held is None or not each.permission or each.permission in held
        )
        if links:
            found.append(Group(str(label), links))
    return found


def _there(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    return (each for each in entries if each.address)


@cache
def _address(name: str) -> str:
    """Nothing while there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
