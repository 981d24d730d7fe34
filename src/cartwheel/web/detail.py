"""All that one task's page tells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from cartwheel.engine.again import can_run_again
from cartwheel.engine.blockers import Blocker, Wait, why_waiting
from cartwheel.engine.models import LogLine, Task
from cartwheel.engine.states import State
from cartwheel.registry.arguments import told_arguments
from cartwheel.registry.causes import UNTOLD, told_why
from cartwheel.registry.models import CollectionImport, User
from cartwheel.registry.repeating import may_repeat
from cartwheel.registry.task_rights import may_read_log, may_see, may_stop, visible
from cartwheel.web import moments
from cartwheel.web.family import Branch, family
from cartwheel.web.rows import STOPPED, Bar, bar_of
from cartwheel.web.things import Thing, held_things, made_things, resource_things
from cartwheel.web.timeline import Phase, phases

RELATED = 100  # children, and members of the group, that are named
LOG_LINES = 500  # lines shown, and handed on at a time
MADE = 100  # created resources that are named
ARGUMENTS = 20_000  # characters of the arguments that are shown


@dataclass(frozen=True)
class Moment:
    """A time as the page tells it."""

    stamp: str
    exact: str
    ago: str

    @classmethod
    def of(cls, moment: datetime | None, now: datetime) -> Moment | None:
        if moment is None:
            return None
        return cls(moments.stamp(moment), moments.exact(moment), moments.ago(moment, now))


@dataclass(frozen=True)
class Obstacle:
    """A resource that a waiting task does not hold yet."""

    thing: Thing
    holders: tuple[Task, ...]  # those that the person may know of
    ahead: int
    place: int

    @property
    def hidden(self) -> bool:
        """Is it in use by somebody whom one may not know of?"""
        return self.ahead > 0 and not self.holders

    @property
    def unnamed(self) -> int:
        """How many are ahead beside the holders."""
        return self.ahead - len(self.holders)


@dataclass(frozen=True)
class Waiting:
    """Why it waits; see blockers.Wait."""

    wait: Wait
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Detail:
    """A task, read for somebody: what they may not see is not in here."""

    task: Task
    imported: CollectionImport | None
    now: datetime
    can_stop: bool
    can_repeat: bool
    whole: Task | None  # what started it, if that can be stopped together with it, and it alone cannot
    waiting: Waiting | None
    phases: tuple[Phase, ...]
    bars: tuple[Bar, ...]
    held: tuple[Thing, ...]
    made: tuple[Thing, ...]
    tree: Branch | None
    siblings: tuple[Task, ...]
    repeats: tuple[Task, ...]
    again_of: Task | None
    arguments: str
    result: str
    problem: str
    traceback: str

    @property
    def title(self) -> str:
        return self.task.title or self.task.name

    @property
    def state(self) -> State:
        return State(self.task.state)

    @property
    def is_final(self) -> bool:
        return self.task.is_final

    @property
    def is_parent(self) -> bool:
        """Has it started others, as far as the person may know?"""
        return self.tree is not None and any(
            each.branches for each in (self.tree, *self.tree.branches) if each.is_self
        )

    @property
    def line_width(self) -> int:
        """Of the time line: all its phases."""
        return sum(each.width for each in self.phases) or 1

    @property
    def starts(self) -> Moment | None:
        """When its time comes, if it waits for that."""
        return Moment.of(self.waiting.wait.until if self.waiting else None, self.now)

    @property
    def created(self) -> Moment | None:
        return Moment.of(self.task.created_at, self.now)

    @property
    def started(self) -> Moment | None:
        return Moment.of(self.task.started_at, self.now)

    @property
    def finished(self) -> Moment | None:
        return Moment.of(self.task.finished_at, self.now)

    @property
    def asked_to_stop(self) -> Moment | None:
        return Moment.of(self.task.canceling_at, self.now)


def find_task(task_id: UUID, user: User) -> Task | None:
    """A task with all that its page names of others, or None, also if the user may not know of it."""
    related = (
        "created_by",
        "stopped_by",
        "worker",
        "parent_task",
        "task_group",
        "again_of",
        "collection_import",
    )
    return visible(user).select_related(*related).filter(pk=task_id).first()


def read_detail(task: Task, user: User, now: datetime) -> Detail:
    """Read what belongs to a task, in a number of statements that does not grow with it."""
    is_theirs, told = may_stop(user, task), may_read_log(user, task)
    return Detail(
        task=task,
        imported=_imported(task, user),
        now=now,
        can_stop=task.state in STOPPED and is_theirs,
        whole=_whole(task, user) if task.state in STOPPED and not is_theirs else None,
        can_repeat=can_run_again(task.name, task.state) and may_repeat(user, task),
        waiting=_waiting(task, user),
        phases=tuple(phases(task, now)),
        bars=tuple(bar_of(each) for each in task.progress_reports.order_by("id")),
        held=tuple(held_things(task.reserved_resources_record or [], user)),
        made=tuple(
            made_things(task.created_resources.order_by("id").values_list("path", flat=True)[:MADE], user)
        ),
        tree=family(task, user),
        siblings=_briefly(
            visible(user)
            .filter(task_group=task.task_group_id)
            .exclude(pk=task.pk)
            .exclude(parent_task=task.pk)
        )
        if task.task_group_id
        else (),
        repeats=_briefly(visible(user).filter(again_of=task.pk)),
        again_of=_known(task.again_of, user),
        arguments=_shown_arguments(task) if told else "",
        result=_as_text(task.result) if told and task.result else "",
        problem=_problem(task, user, is_told=told),
        traceback=str(_error(task).get("traceback") or "") if told else "",
    )


def _error(task: Task) -> dict[str, Any]:
    return task.error if isinstance(task.error, dict) else {}


def _problem(task: Task, user: User, *, is_told: bool) -> str:
    error = _error(task)
    described = str(error.get("description") or error.get("reason") or "")
    if described and not is_told and not told_why(user, [task.pk]):
        return gettext(UNTOLD)
    if not described and task.state == State.FAILED:
        return gettext("It failed and did not say why.")
    return described


def _imported(task: Task, user: User) -> CollectionImport | None:
    made: CollectionImport | None = getattr(task, "collection_import", None)
    return made if made and may_see(user, made) else None


def _whole(task: Task, user: User) -> Task | None:
    parent = _known(task.parent_task, user)
    return parent if parent and parent.state in STOPPED and may_stop(user, parent) else None


def read_log(task: Task, *, after: int | None = None) -> list[LogLine]:
    """The last lines of a task's log, or those after one, LOG_LINES at most, oldest first."""
    lines = LogLine.objects.filter(task=task)
    if after is None:
        return list(lines.order_by("-id")[:LOG_LINES])[::-1]
    return list(lines.filter(id__gt=after).order_by("id")[:LOG_LINES])


def with_log(task: Task, user: User) -> dict[str, Any]:
    """What the templates of a task and of its log need: detail, reads_log, lines, is_log_cut."""
    reads_log = may_read_log(user, task)
    lines = read_log(task) if reads_log else []
    is_full = len(lines) == LOG_LINES
    return {
        "detail": read_detail(task, user, timezone.now()),
        "reads_log": reads_log,
        "lines": lines,
        "is_log_cut": is_full and LogLine.objects.filter(task=task, id__lt=lines[0].pk).exists(),
    }


def log_text(task: Task) -> Iterator[str]:
    """The whole log as text: time, level, message."""
    lines = LogLine.objects.filter(task=task).order_by("id")
    for line in lines.iterator(chunk_size=LOG_LINES):
        yield f"{moments.stamp(line.time)} {line.level:<8} {line.message}\n"


def _waiting(task: Task, user: User) -> Waiting | None:
    wait = why_waiting(task)
    if wait is None:
        return None
    if wait.gate:
        wait = replace(wait, gate=_known(wait.gate, user) or Task(name=gettext("another task")))
    return Waiting(wait, tuple(_obstacles(wait.blockers, user)))


def _obstacles(blockers: Sequence[Blocker], user: User) -> list[Obstacle]:
    things = resource_things((each.resource for each in blockers), user)
    holders = [holder.pk for each in blockers for holder in each.holders]
    known = set(visible(user).filter(pk__in=holders).values_list("pk", flat=True)) if holders else set()
    return [
        Obstacle(
            things[each.resource],
            tuple(holder for holder in each.holders if holder.pk in known),
            each.ahead,
            each.ahead + 1,
        )
        for each in blockers
    ]


def _shown_arguments(task: Task) -> str:
    """Nothing if it was given none."""
    text = _as_text(told_arguments(task)) if task.args or task.kwargs else ""
    return text if len(text) <= ARGUMENTS else f"{text[:ARGUMENTS]}\n…"


def _as_text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _known(task: Task | None, user: User) -> Task | None:
    """The task, if the person may know of it."""
    return task if task and visible(user).filter(pk=task.pk).exists() else None


def _briefly(tasks: QuerySet[Task]) -> tuple[Task, ...]:
    return tuple(tasks.only("id", "name", "title", "state").order_by("id")[:RELATED])
