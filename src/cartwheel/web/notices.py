"""What a person is told across pages: that a task was started, and how it ended.

Whatever starts a task for somebody calls `notify_started(request, task)`; what has nothing to follow is
said with `tell(request, words)`. A notice about a task stays until the task has ended and the person has
seen that, a failure until it is put away. Kept in the session, so it survives navigation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from cartwheel.engine.models import Task
from cartwheel.engine.states import FINAL, State
from cartwheel.kit.ids import uuid7
from cartwheel.registry.models import CollectionImport, RepositoryContent, User
from cartwheel.registry.moves import arrivals
from cartwheel.registry.shelves import newest_places
from cartwheel.web.rows import Bar, current_bars

NOTICES, STARTED = "notices", "started"  # keys of the session
SHOWN = 4  # notices on a page; older ones are in the bell
KEPT = 30  # tasks in the bell
PROBLEM_LIMIT = 300  # characters of an error
ALL = "all"  # in the place of a notice's id


@dataclass(frozen=True)
class Notice:
    """Words, or a task that is followed."""

    id: str
    text: str = ""
    is_bad: bool = False
    task: Task | None = None
    bar: Bar | None = None
    place: RepositoryContent | None = None  # where the version is that the task imported, moved or copied

    @property
    def log(self) -> CollectionImport | None:
        """The import whose log says more, if one failed."""
        return import_of(self.task) if self.task and self.task.state == State.FAILED else None

    @property
    def problem(self) -> str:
        """Why the task failed, in one line."""
        error = self.task.error if self.task and self.task.state == State.FAILED else None
        described = str(error.get("description") or "") if isinstance(error, dict) else ""
        return " ".join(described[:PROBLEM_LIMIT].split())


def notify_started(request: HttpRequest, task: Task) -> None:
    """Tell the person on this and the next pages about a task that they started or stopped."""
    key = str(task.pk)
    _keep(request, NOTICES, [each for each in _kept(request, NOTICES) if each.get("task") != key])
    _append(request, NOTICES, {"id": key, "task": key}, SHOWN * 3)
    if key not in _kept(request, STARTED):
        _append(request, STARTED, key, KEPT)


def tell(request: HttpRequest, text: str, *, is_bad: bool = False) -> None:
    """Say something once: on the page that comes next."""
    _append(request, NOTICES, {"id": uuid7().hex, "text": str(text), "bad": is_bad}, SHOWN * 3)


def put_away(request: HttpRequest, notice_id: str) -> None:
    """One notice, or ALL of them, those too for which there was no room."""
    kept = [each for each in _kept(request, NOTICES) if notice_id not in (ALL, each["id"])]
    _keep(request, NOTICES, kept)


def read_notices(request: HttpRequest, only: Iterable[str] | None = None) -> list[Notice]:
    """What there is to tell now, newest first; of these ids only, if some are named.

    Two statements at most, four more if versions were moved or copied, and one more if some were imported.
    """
    wanted = None if only is None else set(only)
    kept = [each for each in _kept(request, NOTICES) if wanted is None or each["id"] in wanted]
    tasks = _tasks(each["task"] for each in kept if "task" in each)
    bars = current_bars([pk for pk, task in tasks.items() if task.state == State.RUNNING])
    found = []
    for each in reversed(kept):
        task = tasks.get(UUID(each["task"])) if "task" in each else None
        if task:
            found.append(Notice(each["id"], task=task, bar=bars.get(task.pk)))
        elif "text" in each:
            found.append(Notice(each["id"], text=each["text"], is_bad=each["bad"]))
    return _with_places(found[:SHOWN], request)


def seen(request: HttpRequest, notices: Iterable[Notice]) -> None:
    """These have been shown on a page: what is over need not be told again, except failures."""
    over = {each.id for each in notices if not each.task or _is_over(each.task)}
    if over:
        _keep(request, NOTICES, [each for each in _kept(request, NOTICES) if each["id"] not in over])


def read_started(request: HttpRequest) -> list[Task]:
    """The tasks that the person started from these pages, newest first. One statement, or none."""
    tasks = _tasks(_kept(request, STARTED))
    return sorted(tasks.values(), key=lambda task: task.created_at, reverse=True)


def unfinished(request: HttpRequest) -> int:
    """How many of those have not ended. One statement, or none."""
    ids = _kept(request, STARTED)
    return Task.objects.filter(pk__in=ids).exclude(state__in=FINAL).count() if ids else 0


def _with_places(notices: list[Notice], request: HttpRequest) -> list[Notice]:
    if not isinstance(request.user, User):
        return notices
    tasks = [each.task for each in notices if each.task]
    ended = {each.pk: import_of(each) for each in tasks if each.state == State.COMPLETED}
    imports = {pk: each for pk, each in ended.items() if each}
    places = arrivals(tasks, to=request.user) | newest_places(imports, to=request.user)
    return [replace(each, place=places.get(each.task.pk)) if each.task else each for each in notices]


def import_of(task: Task) -> CollectionImport | None:
    """What the task imports, if that is what it does. No statement: tasks of notices are read with it."""
    return getattr(task, "collection_import", None)


def _is_over(task: Task) -> bool:
    return task.is_final and task.state != State.FAILED


def _tasks(ids: Iterable[str]) -> dict[UUID, Task]:
    wanted = list(ids)
    rows = Task.objects.select_related("collection_import").defer("args", "kwargs")
    return rows.in_bulk(wanted) if wanted else {}


def _kept(request: HttpRequest, key: str) -> list[Any]:
    session = getattr(request, "session", None)
    return list(session.get(key, [])) if session is not None else []


def _append(request: HttpRequest, key: str, what: Any, limit: int) -> None:
    _keep(request, key, [*_kept(request, key), what][-limit:])


def _keep(request: HttpRequest, key: str, all_: list[Any]) -> None:
    request.session[key] = all_
