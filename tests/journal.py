"""Task functions that write down what they do, so that tests can check what really happened.

They append lines to a file, each in one write, and lock a file for each resource that they have: the
kernel lets go of those locks at the very moment of a death, so a second holder is found out.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction

from cartwheel.engine.context import current_task
from cartwheel.engine.functions import Options, task
from cartwheel.engine.models import Task
from cartwheel.engine.packing import pack

FOLDER = Path(os.environ.get("CARTWHEEL_TEST_JOURNAL", "."))
ALONE, SHARED = fcntl.LOCK_EX, fcntl.LOCK_SH


def write(act: str, of: Task | None = None, **facts: object) -> None:
    me = of or current_task()
    line = {"act": act, "task": str(me.pk) if me else None, "time": time.monotonic(), **facts}
    handle = os.open(FOLDER / "journal", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, json.dumps(line).encode() + b"\n")
    os.close(handle)


def work(seconds: float, wants: dict[str, bool]) -> None:
    """Hold resources for a while; `wants` says which, and whether alone."""
    me = current_task()
    assert me
    write("begin", claim=me.claim, attempt=me.attempt)
    locks = []
    try:
        for name, alone in wants.items():
            handle = os.open(FOLDER / f"lock-{name}", os.O_RDWR | os.O_CREAT)
            locks.append(handle)
            try:
                fcntl.flock(handle, (ALONE if alone else SHARED) | fcntl.LOCK_NB)
            except BlockingIOError:
                write("second holder", resource=name)
        time.sleep(seconds)
        write("done", claim=me.claim)
    finally:
        for handle in locks:
            os.close(handle)


once = task("journal.once")(work)
again = task("journal.again", options=Options(repeatable=True, attempts=1000))(work)


def note_clean_up(seconds: float, wants: dict[str, bool]) -> None:
    write("clean up")


tidy = task("journal.tidy", options=Options(clean_up=note_clean_up))(work)


def wait_for_word() -> None:
    """Go on as soon as the test makes a file, one for each attempt."""
    me = current_task()
    assert me
    write("begin", claim=me.claim, attempt=me.attempt)
    while not (FOLDER / f"go-{me.attempt}").exists():
        time.sleep(0.02)
    write("done", claim=me.claim)


patient = task("journal.patient")(wait_for_word)
stubborn = task("journal.stubborn", options=Options(repeatable=True))(wait_for_word)


@task("journal.deaf")
def hear_nothing() -> None:
    """Swallow whatever would stop it."""
    write("begin")
    while True:
        with suppress(BaseException):  # what it is for
            time.sleep(600)


@task("journal.prompt")
def prompt() -> None:
    write("begin")
    write("done")


@task("journal.speechless")
def fall_silent() -> None:
    """Stop in the middle of a message to the supervisor, until somebody lets this process go on."""
    (child,) = (each._child for each in logging.getLogger().handlers if hasattr(each, "_child"))
    message = pack({"log": [time.time(), "INFO", "here I am again"]}) + b"\n"
    child._end.sendall(message[:20])
    os.kill(os.getpid(), signal.SIGSTOP)
    child._end.sendall(message[20:])
    write("done")


@task("journal.asking")
def ask_for_what_takes_long() -> None:
    write("begin")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(600)")


@dataclass
class Story:
    """What the journal tells of one task."""

    begun: list[float] = field(default_factory=list)
    attempts: dict[int, float] = field(default_factory=dict)  # when each began
    done: int = 0
    cleaned_up: int = 0
    other: list[str] = field(default_factory=list)


def read(folder: Path) -> dict[str, Story]:
    """What happened, by the task's id."""
    stories: dict[str, Story] = defaultdict(Story)
    path = folder / "journal"
    for text in path.read_text().splitlines() if path.exists() else ():
        line = json.loads(text)
        story = stories[line["task"]]
        match line["act"]:
            case "begin":
                story.begun.append(line["time"])
                story.attempts[line.get("attempt", 1)] = line["time"]
            case "done":
                story.done += 1
            case "clean up":
                story.cleaned_up += 1
            case other:
                story.other.append(f"{other} {line.get('resource', '')}")
    return stories
