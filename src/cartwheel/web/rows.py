"""One task in the list, in words. A live row is made by the very same function and template."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from cartwheel.engine.again import can_run_again
from cartwheel.engine.blockers import awaited, held_back
from cartwheel.engine.models import ProgressReport
from cartwheel.engine.states import FINAL, State
from cartwheel.registry.causes import UNTOLD, told_why
from cartwheel.registry.models import User
from cartwheel.registry.repeating import repeatable
from cartwheel.registry.task_rights import stoppable
from cartwheel.web import moments
from cartwheel.web.search import SECTIONS
from cartwheel.web.things import resource_labels

STOPPED = frozenset({State.RUNNING, State.WAITING})  # in these states a row offers to stop it
REPEATED = frozenset({State.FAILED, State.CANCELED})  # and in these to run it again
PROBLEM_LIMIT = 300  # characters of an error in the list


@dataclass(frozen=True, slots=True)
class Bar:
    """A progress report. Without a total there is no telling how far it is."""

    message: str
    done: int
    total: int | None
    suffix: str
    state: State

    @property
    def figures(self) -> str:
        """ "12 of 40 artifacts"."""
        how_far = f"{self.done:,}"
        if self.total is not None:
            how_far = gettext("%(done)s of %(total)s") % {"done": how_far, "total": f"{self.total:,}"}
        return f"{how_far} {self.suffix}".rstrip()

    @property
    def is_open(self) -> bool:
        """Does it go on, nobody knows how long?"""
        return self.total is None and self.state not in FINAL


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list. Times are strings for <time>; `since` is there while the time runs."""

    id: UUID
    title: str
    name: str  # nothing if it is the title already
    state: State
    word: str  # for the state
    section: str
    who: str
    created: str
    created_exact: str
    created_ago: str
    started_exact: str
    since: str
    lasted: str
    problem: str
    waits: str  # "for published", "until 2026-03-01 09:00:00 UTC"
    bar: Bar | None
    can_stop: bool
    can_repeat: bool


def make_rows(found: Collection[Mapping[str, Any]], user: User, now: datetime) -> list[Row]:
    """The rows of these tasks, in this order, in a number of statements that does not grow with them."""
    active = [each["id"] for each in found if each["state"] in (State.RUNNING, State.CANCELING)]
    bars = current_bars(active)
    reasons = _reasons([each for each in found if each["state"] == State.WAITING], user)
    acts = _acts(found, user)
    problems = _problems(found, user)
    words = {each: str(each.label) for each in State}
    return [
        _row(
            each,
            now,
            bars.get(each["id"]),
            reasons.get(each["id"], ""),
            problems.get(each["id"], ""),
            acts.get(each["id"], ""),
            words,
        )
        for each in found
    ]


def _problems(found: Collection[Mapping[str, Any]], user: User) -> dict[UUID, str]:
    """Why the failed ones failed, as far as it is told."""
    failed = [each for each in found if each["state"] == State.FAILED and each["problem"]]
    told = told_why(user, [each["id"] for each in failed])
    return {
        each["id"]: " ".join(each["problem"][:PROBLEM_LIMIT].split())
        if each["id"] in told
        else gettext(UNTOLD)
        for each in failed
    }


def _acts(found: Collection[Mapping[str, Any]], user: User) -> dict[UUID, str]:
    """What is offered for each task: "stop", "repeat", or nothing if that would not work."""
    to_stop = [each["id"] for each in found if each["state"] in STOPPED]
    ended = [each for each in found if each["state"] in REPEATED]
    to_repeat = [each["id"] for each in ended if can_run_again(each["name"], each["state"])]
    return dict.fromkeys(stoppable(user, to_stop), "stop") | dict.fromkeys(
        repeatable(user, to_repeat), "repeat"
    )


def current_bars(task_ids: Collection[UUID]) -> dict[UUID, Bar]:
    """Of each task, the report under way, or else its last. One statement."""
    bars: dict[UUID, Bar] = {}
    for report in ProgressReport.objects.filter(task__in=task_ids).order_by("id"):
        known = bars.get(report.task_id)
        if known is None or known.state != State.RUNNING:
            bars[report.task_id] = bar_of(report)
    return bars


def bar_of(report: ProgressReport) -> Bar:
    # Before it is known how much there is to do, some say that it is nothing.
    return Bar(report.message, report.done, report.total or None, report.suffix or "", State(report.state))


def _reasons(waiting: Collection[Mapping[str, Any]], user: User) -> dict[UUID, str]:
    """What waiting tasks wait for. Five statements, or none."""
    if not waiting:
        return {}
    found = awaited([each["id"] for each in waiting])
    labels = resource_labels((name for names in found.values() for name in names), user)
    held = held_back()
    reasons = {}
    for task in waiting:
        resources = ", ".join(sorted(labels[name] for name in found.get(task["id"], ())))
        if task["not_before"]:
            reasons[task["id"]] = gettext("until %s") % moments.exact(task["not_before"])
        elif resources:
            reasons[task["id"]] = gettext("for %s") % resources
        elif held.pause_of(task["name"]):
            reasons[task["id"]] = gettext("for the end of a pause")
        elif held.gate_before(task["id"], task["root"]):
            reasons[task["id"]] = gettext("for a task that needs the hub for itself")
        else:
            reasons[task["id"]] = gettext("for a worker")
    return reasons


def _row(
    task: Mapping[str, Any],
    now: datetime,
    bar: Bar | None,
    waits: str,
    problem: str,
    act: str,
    words: Mapping[State, str],
) -> Row:
    state = State(task["state"])
    created = task["created_at"]
    since, took = _duration(state, task, now)
    return Row(
        id=task["id"],
        title=task["title"] or task["name"],
        name=task["name"] if task["title"] else "",
        state=state,
        word=words[state],
        section=SECTIONS[state],
        who=task["who"] or "",
        created=moments.stamp(created),
        created_exact=moments.exact(created),
        created_ago=moments.ago(created, now),
        started_exact=moments.exact(task["started_at"]) if task["started_at"] else "",
        since=since,
        lasted=took,
        problem=problem,
        waits=waits,
        bar=bar,
        can_stop=act == "stop",
        can_repeat=act == "repeat",
    )


def _duration(state: State, task: Mapping[str, Any], now: datetime) -> tuple[str, str]:
    """Since when it runs or waits, as a stamp, and how long that is; no stamp once it has ended."""
    if state not in FINAL:
        begin = task["created_at"] if state == State.WAITING else task["started_at"] or task["created_at"]
        return moments.stamp(begin), moments.running_for((now - begin).total_seconds())
    if not (task["started_at"] and task["finished_at"]):
        return "", ""
    return "", moments.lasted((task["finished_at"] - task["started_at"]).total_seconds())
