"""A process that uses the engine alone: a supervisor, or somebody who dispatches or stops tasks.

    supervise COUNT [HOST] [GRACE] | serve | order NAME RESOURCE [COUNT] | dispatch SEED TIMES | stop SEED TIMES
    | repeat SEED TIMES PORT | migrate | report | left

Django has to be set up before this is imported; see workshop.py. What is dispatched and canceled is told on stdout, a line each, as soon as it is committed.
"""

from __future__ import annotations

import json
import random
import socket
import sys
import time
from collections import defaultdict
from contextlib import suppress
from http import HTTPStatus
from itertools import chain

import journal
import requests
from django.core.serializers.json import DjangoJSONEncoder
from django.db import Error, connection, transaction

from cartwheel.cli.schema import bring_up_to_date
from cartwheel.engine import caretaking, crew, resources
from cartwheel.engine.errors import AlreadyFinal
from cartwheel.engine.functions import Call, find
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Reservation, Task
from cartwheel.engine.states import INCOMPLETE, State
from cartwheel.engine.stopping import cancel
from cartwheel.engine.supervisor import Supervisor
from cartwheel.registry.credentials import renew_token
from cartwheel.registry.models import User

RESOURCES = "abcd"
FUNCTIONS = (journal.once, journal.again, journal.tidy)


def supervise(count: str, host: str = "", grace: str = "2") -> None:
    if host:
        _pretend_to_be_on(host)
    Supervisor(int(count), grace_seconds=float(grace)).run()


def serve() -> None:
    """A whole hub, which knows the functions of this process."""
    from cartwheel.cli.serve import serve as command

    command.main([])


def _pretend_to_be_on(host: str) -> None:
    """Have process ids that mean nothing to those on other hosts."""
    socket.gethostname = lambda: host
    crew.machine_id = caretaking.machine_id = lambda: host  # type: ignore[attr-defined]


def order(name: str, resource: str, count: str = "1") -> None:
    """Dispatch tasks without arguments that have the resource alone."""
    for _ in range(int(count)):
        print("dispatched", find(name).dispatch(call=Call(exclusive=[resource])).pk, flush=True)


def migrate() -> None:
    bring_up_to_date()


def dispatch(seed: str, times: str) -> None:
    """Dispatch one or some tasks at a time, with all kinds of needs."""
    dice, left = random.Random(int(seed)), int(times)  # noqa: S311, dice
    while left:
        try:
            with transaction.atomic():
                all_names = [
                    dice.sample(RESOURCES, dice.choice((0, 1, 1, 2)))
                    for _ in range(dice.choice((1, 1, 1, 3)))
                ]
                if len(all_names) > 1:
                    resources.lock({HUB, *chain.from_iterable(all_names)})
                made = [_dispatch(dice, names) for names in all_names]
        except Error:
            connection.close()
            time.sleep(0.1)
            continue
        left -= 1
        for task in made:
            print("dispatched", task.pk, flush=True)
        time.sleep(dice.uniform(0, 0.08))  # here and below nothing is waited for: acts come at any moment


def _dispatch(dice: random.Random, names: list[str]) -> Task:
    wants = {name: dice.random() < 0.6 for name in names}
    call = Call(
        exclusive=[name for name, alone in wants.items() if alone],
        shared=[name for name, alone in wants.items() if not alone],
    )
    if dice.random() < 0.01:
        wants, call = {"hub": True}, Call(exclusive=[HUB])
    seconds = dice.choice((0, 0, 0.002, 0.02, 0.1))
    return dice.choice(FUNCTIONS).dispatch(seconds, wants | {"hub": "hub" in wants}, call=call)


def stop(seed: str, times: str) -> None:
    """Stop tasks at random; those that were canceled at once are told."""
    dice = random.Random(int(seed))  # noqa: S311, dice
    for _ in range(int(times)):
        time.sleep(dice.uniform(0, 0.1))
        try:
            found = list(Task.objects.incomplete().filter(state__in=INCOMPLETE).order_by("root")[:40])
            if found and (task := cancel(dice.choice(found))).state == State.CANCELED:
                print("canceled", task.pk, time.monotonic(), flush=True)
        except AlreadyFinal:
            pass
        except Error:
            connection.close()


def repeat(seed: str, times: str, port: str) -> None:
    """Ask the hub over HTTP to run tasks again that have ended."""
    dice, key = random.Random(int(seed)), ""  # noqa: S311, dice
    for _ in range(int(times)):
        time.sleep(dice.uniform(0, 0.1))
        with suppress(Error, requests.RequestException):
            key = key or renew_token(User.objects.get(username="admin"))
            ended = Task.objects.filter(finished_at__isnull=False, name__startswith="journal.")
            if found := list(ended.order_by("-finished_at")[:20]):
                _repeat(dice.choice(found), f"http://127.0.0.1:{port}", key)
            continue
        connection.close()


def _repeat(task: Task, hub: str, key: str) -> None:
    root = "/api/automation-hub/pulp/api/v3"
    signed = {"Authorization": f"Token {key}"}
    answer = requests.post(f"{hub}{root}/tasks/{task.pk}/run-again/", headers=signed, timeout=20)
    if answer.status_code == HTTPStatus.ACCEPTED:
        made = answer.json()["task"]
        print("repeated", made.rstrip("/").rpartition("/")[2], flush=True)
        found = requests.get(hub + made, headers=signed, timeout=20)
        if found.status_code == HTTPStatus.NOT_FOUND:
            print("missing", made.rstrip("/").rpartition("/")[2], flush=True)


def left() -> None:
    """How many tasks have not ended."""
    print(Task.objects.filter(state__in=INCOMPLETE).count())


def report() -> None:
    """All tasks, a line of JSON each."""
    columns = ("id", "name", "state", "attempt", "error", "started_at", "finished_at", "worker__name")
    places = defaultdict(list)
    for task, *place in Reservation.objects.values_list("task", "resource", "id", "exclusive"):
        places[task].append(place)
    for row in Task.objects.order_by("id").values(*columns):
        print(json.dumps(row | {"places": places[row["id"]]}, cls=DjangoJSONEncoder))


def main() -> None:
    acts = {
        each.__name__: each
        for each in (supervise, serve, order, migrate, dispatch, stop, repeat, report, left)
    }
    acts[sys.argv[1]](*sys.argv[2:])
