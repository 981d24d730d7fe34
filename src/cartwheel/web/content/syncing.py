"""Lists of repositories and remotes by how their last sync went, as addresses say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cartwheel.engine.states import INCOMPLETE, State
from cartwheel.registry.causes import with_last_sync
from cartwheel.registry.models import CollectionRemote, Repository, User
from cartwheel.registry.task_rights import visible
from cartwheel.web.rows import Bar, current_bars

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TEXT_LIMIT = 200  # characters of what is looked for
NEVER = "never"
SYNCS = {
    "going": (_("Under way"), INCOMPLETE),
    "completed": (_("Completed"), {State.COMPLETED}),
    "failed": (_("Failed"), {State.FAILED}),
    "canceled": (_("Canceled"), {State.CANCELED}),
    NEVER: (_("Never synced"), frozenset[State]()),
}
ORDERS = {"": _("By name"), "synced": _("By last sync")}
Synced = TypeVar("Synced", Repository, CollectionRemote)


@dataclass(frozen=True)
class SyncSearch:
    """Part of a name, a state of the last sync, and an order. What is not understood is passed over."""

    words: str
    sync: str
    order: str

    @classmethod
    def read(cls, request: HttpRequest) -> SyncSearch:
        sync, order = request.GET.get("sync", ""), request.GET.get("order", "")
        return cls(
            words=request.GET.get("q", "").replace("\0", "")[:TEXT_LIMIT],
            sync=sync if sync in SYNCS else "",
            order=order if order in ORDERS else "",
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.words or self.sync)

    @property
    def is_narrowed(self) -> bool:
        """By more than words? Then what is folded on narrow screens is unfolded."""
        return bool(self.sync or self.order)

    @property
    def syncs(self) -> list[tuple[str, StrOrPromise, bool]]:
        return [(key, label, key == self.sync) for key, (label, _) in SYNCS.items()]

    @property
    def orders(self) -> list[tuple[str, StrOrPromise, bool]]:
        return [(key, label, key == self.order) for key, label in ORDERS.items()]

    def apply(self, rows: QuerySet[Synced], user: User) -> QuerySet[Synced]:
        """Those that fit, with their last syncs. What the user may not know of counts as never synced."""
        known = visible(user)
        rows = with_last_sync(rows.filter(name__icontains=self.words), to=user)
        if self.sync == NEVER:
            rows = rows.exclude(last_sync_task__in=known)
        elif self.sync:
            rows = rows.filter(last_sync_task__in=known.filter(state__in=SYNCS[self.sync][1]))
        if self.order:
            last = known.filter(pk=OuterRef("last_sync_task")).values("created_at")
            rows = rows.annotate(synced=Subquery(last))
            return rows.order_by(F("synced").desc(nulls_last=True), "name")
        return rows.order_by("name")


def bars_of(rows: Iterable[Repository | CollectionRemote]) -> dict[UUID, Bar]:
    """How far the syncs are that are under way, by their tasks. One statement, or none."""
    syncs = [each.last_sync_task for each in rows if each.last_sync_task]
    active = [each.pk for each in syncs if each.state in (State.RUNNING, State.CANCELING)]
    return current_bars(active) if active else {}
