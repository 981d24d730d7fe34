"""Requests that wait, and the stream of events, on a real hub."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hub import Hub, running_hub
from patience import PATIENCE_SECONDS, eventually

SLEEP = "pulpcore.app.tasks.test.sleep"
ACTIVE = "pulp/api/v3/tasks/?state__in=waiting,running,canceling"


@contextmanager
def answer_of(hub: Hub, method: str, path: str, **options: Any) -> Iterator[list[requests.Response]]:
    """Send a request beside the test; the list holds its answer once it has come."""
    answers: list[requests.Response] = []
    sender = threading.Thread(target=lambda: answers.append(hub.request(method, path, **options)))
    sender.start()
    try:
        yield answers
    finally:
        sender.join()


def cancel(hub: Hub, task: str) -> requests.Response:
    return hub.request("PATCH", f"pulp/api/v3/tasks/{task}/", json={"state": "canceled"})


def test_a_request_for_a_task_is_held_until_it_has_ended(hub: Hub) -> None:
    task = hub.dispatch('Task.objects.create(state="running", name="iamheld")')

    with answer_of(hub, "GET", f"v3/tasks/{task}/", headers={"Prefer": "wait=60"}) as answers:
        hub.get("pulp/api/v3/tasks/")  # the hub answers others meanwhile
        assert not answers
        cancel(hub, task)
        answer = eventually(lambda: answers)[0]

    assert answer.json()["state"] == "canceled"
    assert "Cartwheel-Pending" not in answer.headers


def test_a_stop_that_takes_its_time_is_held_too(hub: Hub) -> None:
    task = hub.dispatch('dispatch("pulpcore.app.tasks.test.gooey_task", args=(600,))')
    hub.wait(task, "running")

    answer = hub.request(
        "PATCH",
        f"pulp/api/v3/tasks/{task}/",
        json={"state": "canceled"},
        headers={"Prefer": "wait=60"},
    )

    assert (answer.status_code, answer.json()["state"]) == (200, "canceled")


def test_the_stop_of_a_group_that_takes_its_time_is_held_too(hub: Hub) -> None:
    task = hub.dispatch(
        'dispatch("pulpcore.app.tasks.test.gooey_task", args=(600,), task_group=TaskGroup.objects.create())'
    )
    hub.wait(task, "running")
    path = hub.task(task)["task_group"]

    with answer_of(hub, "GET", path, headers={"Prefer": "wait=60"}) as answers:
        stop = hub.request("PATCH", path, json={"state": "canceled"}, headers={"Prefer": "wait=60"})
        look = eventually(lambda: answers)[0]

    for answer in (stop, look):
        assert (answer.status_code, answer.json()["canceled"]) == (200, 1)
        assert answer.headers["Preference-Applied"] == "wait=60"


def test_a_held_request_is_answered_when_its_time_is_up(hub: Hub) -> None:
    task = hub.dispatch('Task.objects.create(state="running", name="iamheld")')

    answer = hub.request("GET", f"pulp/api/v3/tasks/{task}/", headers={"Prefer": "respond-async, wait=1"})

    assert answer.json()["state"] == "running"
    assert answer.headers["Preference-Applied"] == "wait=1"
    cancel(hub, task)


def test_a_request_that_does_not_wish_to_wait_is_not_held(hub: Hub) -> None:
    task = hub.dispatch('Task.objects.create(state="running", name="iamnotheld")')

    assert hub.task(task)["state"] == "running"
    cancel(hub, task)


def test_a_list_of_active_tasks_is_held_until_it_is_empty(hub: Hub) -> None:
    one, two = (hub.dispatch('Task.objects.create(state="running", name="iamone")') for _ in range(2))

    with answer_of(hub, "GET", f"{ACTIVE}&name=iamone", headers={"Prefer": "wait=60"}) as answers:
        cancel(hub, one)
        assert hub.get(f"{ACTIVE}&name=iamone")["count"] == 1
        assert not answers
        cancel(hub, two)
        answer = eventually(lambda: answers)[0]

    assert answer.json()["count"] == 0


def test_rows_changed_on_the_console_wake_waiters_too(hub: Hub) -> None:
    task = hub.dispatch('Task.objects.create(state="running", name="iamheld")')

    with answer_of(hub, "GET", f"v3/tasks/{task}/", headers={"Prefer": "wait=60"}) as answers:
        hub.console(f't = Task.objects.get(pk="{task}"); t.state = "completed"; t.save()')
        answer = eventually(lambda: answers)[0]

    assert answer.json()["state"] == "completed"


def stream(hub: Hub, **headers: str) -> requests.Response:
    return requests.get(
        f"{hub.url}events/",
        auth=("admin", hub.password),
        headers=headers,
        stream=True,
        timeout=PATIENCE_SECONDS,
    )


def next_event(lines: Iterator[str], task: str, state: str) -> tuple[int, float]:
    """The number of the event that says so, and when it came."""
    number = 0
    for line in lines:
        if line.startswith("id: "):
            number = int(line.removeprefix("id: "))
        if line.startswith("data: "):
            event = json.loads(line.removeprefix("data: "))
            if event.get("id") == task and event.get("state") == state:
                return number, time.monotonic()
    raise AssertionError(f"the stream ended without {task} being {state}")


def test_the_stream_tells_each_state_and_is_taken_up_again_after_a_break(hub: Hub) -> None:
    with stream(hub) as response:
        lines = response.iter_lines(decode_unicode=True)
        next(lines)  # it has begun
        task = hub.dispatch('Task.objects.create(state="running", name="iamwatched")')
        number, _ = next_event(lines, task, "running")
    cancel(hub, task)  # while nobody listens

    with stream(hub, **{"Last-Event-ID": str(number)}) as response:
        later, _ = next_event(response.iter_lines(decode_unicode=True), task, "canceled")

    assert later > number
    assert response.headers["Content-Type"] == "text/event-stream"


@pytest.mark.parametrize("last", ["999999999", "0", "-1", "\xb2", "of yesterday"])
def test_who_comes_with_a_number_that_is_not_known_is_told_to_begin_anew(hub: Hub, last: str) -> None:
    with stream(hub, **{"Last-Event-ID": last}) as response:
        lines = list(islice(response.iter_lines(decode_unicode=True), 4))

    assert lines[2:] == ["event: ready", "data: {}"]


def test_who_asks_for_the_head_of_the_stream_gets_no_more(hub: Hub) -> None:
    answer = hub.request("HEAD", "events/")

    assert answer.status_code < 300


def test_the_stream_is_for_people_who_are_signed_in(hub: Hub) -> None:
    answer = requests.get(f"{hub.url}events/", timeout=PATIENCE_SECONDS)

    assert answer.status_code == 401


def test_the_stream_tells_only_of_what_one_may_see_if_the_hub_is_set_so(tmp_path: Path) -> None:
    with running_hub(tmp_path / "data", tasks_visible_to="owners") as hub:
        hub.console(f'User.objects.create_user("alice", password="{hub.password}")')
        of_alice = 'created_by=User.objects.get(username="alice")'
        with requests.get(
            f"{hub.url}events/", auth=("alice", hub.password), stream=True, timeout=PATIENCE_SECONDS
        ) as response:
            lines = response.iter_lines(decode_unicode=True)
            next(lines)  # it has begun
            hidden = hub.dispatch('Task.objects.create(state="running", name="hidden")')
            shown = hub.dispatch(f'Task.objects.create(state="running", name="shown", {of_alice})')
            told = []
            for line in lines:
                told.append(line)
                if shown in line:
                    break

    assert hidden not in "".join(told)


async def _hold(hub: Hub, path: str, token: str) -> bytes:
    """Send a request that would rather wait; the first line of its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(hub.url).port)
    head = f"GET {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Token {token}\r\nPrefer: wait=300\r\n\r\n"
    writer.write(head.encode())
    line = await reader.readline()
    writer.close()
    return line


def test_500_wait_at_a_time_and_more_are_told_to_poll(fresh_hub: Hub) -> None:
    task = fresh_hub.dispatch('Task.objects.create(state="running", name="iamheld")')
    token = fresh_hub.request("POST", "v3/auth/token/").json()["token"]
    path = f"/api/automation-hub/v3/tasks/{task}/"

    async def crowd() -> tuple[int, list[bytes]]:
        held = [asyncio.create_task(_hold(fresh_hub, path, token)) for _ in range(503)]
        while (at_once := sum(each.done() for each in held)) < 3:
            await asyncio.sleep(0.05)
        await asyncio.to_thread(cancel, fresh_hub, task)
        return at_once, await asyncio.gather(*held)

    at_once, answers = asyncio.run(crowd())

    assert at_once == 3
    assert set(answers) == {b"HTTP/1.1 200 OK\r\n"}
