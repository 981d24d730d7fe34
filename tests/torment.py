"""Kills processes of a running hub at random, and looks afterwards whether all is still true."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from hub import Hub, eventually
from processes import children

FINAL = {"completed", "failed", "canceled"}
RESOURCES = ("r1", "r2", "r3")


@dataclass
class Told:
    """What was done to a hub, and what it answered."""

    tasks: list[str] = field(default_factory=list)
    canceled: set[str] = field(default_factory=set)  # answered "canceled" while they waited
    kills: dict[str, int] = field(default_factory=dict)


def torment(hub: Hub, seconds: float, *, seed: int) -> Told:
    """Dispatch, cancel and kill for so long."""
    dice, told = random.Random(seed), Told()  # noqa: S311, dice
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told.tasks += _dispatch(hub, dice)
        for _ in range(3):
            _kill(hub, dice, told)
            time.sleep(dice.uniform(0.05, 0.4))
        _cancel(hub, dice, told)
    return told


def _dispatch(hub: Hub, dice: random.Random) -> list[str]:
    calls = []
    for _ in range(12):
        how = dice.choice(("exclusive_resources", "exclusive_resources", "shared_resources"))
        names = dice.sample(RESOURCES, dice.randint(0, 2))
        calls.append(
            f'print(dispatch("pulpcore.app.tasks.test.sleep", args=({dice.uniform(0, 0.15):.3f},), {how}={names}).pk)'
        )
    return hub.console("\n".join(calls)).split()


def _kill(hub: Hub, dice: random.Random, told: Told) -> None:
    kind = dice.choice(("worker", "worker", "worker", "supervisor", "web"))
    victims = _processes(hub)[kind]
    if victims:
        with suppress(ProcessLookupError):
            os.kill(dice.choice(victims), signal.SIGKILL)
            told.kills[kind] = told.kills.get(kind, 0) + 1


def _processes(hub: Hub) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {"worker": [], "supervisor": [], "web": []}
    for pid in children(hub.process.pid):
        grandchildren = children(pid)
        found["supervisor" if grandchildren else "web"].append(pid)
        found["worker"] += grandchildren
    return found


def _cancel(hub: Hub, dice: random.Random, told: Told) -> None:
    task = dice.choice(told.tasks)
    code = f'from cartwheel.engine.stopping import cancel\nt = Task.objects.get(pk="{task}")\n'
    code += 'print(t.state, cancel(t).state if t.state == "waiting" else "")'
    done = hub.run("console", "-c", code)
    if done.stdout.split() == ["waiting", "canceled"]:
        told.canceled.add(task)


def check(hub: Hub, told: Told) -> None:
    """Every task ended truthfully, nobody shared what was to be had alone, what was canceled never ran."""

    def all_ended() -> bool:
        left = 'print(Task.objects.exclude(state__in=["completed", "failed", "canceled"]).count())'
        return hub.console(left).strip() == "0"

    eventually(all_ended, what="the end of all tasks")
    rows = [line.split("|") for line in hub.console(REPORT).splitlines()]
    assert {row[0] for row in rows} >= set(told.tasks), "a task that was dispatched is gone"
    held: dict[str, list[tuple[datetime, datetime]]] = {}
    for task, state, started, finished, error, *resources in rows:
        assert state in FINAL
        assert state != "failed" or error, f"{task} failed and does not say why"
        assert task not in told.canceled or (state, started) == ("canceled", ""), (
            f"{task} ran after its cancel"
        )
        for name in (each for each in resources if started and each in RESOURCES):
            held.setdefault(name, []).append(
                (datetime.fromisoformat(started), datetime.fromisoformat(finished))
            )
    for name, spans in held.items():
        spans.sort()
        for (_, until), (since, _) in pairwise(spans):
            assert until <= since, f"{name} had two holders at {since}"


REPORT = """
for t in Task.objects.filter(name="pulpcore.app.tasks.test.sleep"):
    error = (t.error or {}).get("reason", "")
    times = [each.isoformat() if each else "" for each in (t.started_at, t.finished_at)]
    print("|".join([str(t.pk), t.state, *times, error, *t.reserved_resources_record]))
"""
