"""Task functions for trying things out. Pulp ships the same, so clients and test suites know them."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from cartwheel.engine.context import current_task
from cartwheel.engine.functions import Call, task
from cartwheel.engine.models import TaskGroup

task("os.getpid", title="Tell the process id")(os.getpid)


@task("pulpcore.app.tasks.test.dummy_task", title="Do nothing")
def dummy_task() -> None:
    """Do nothing."""


@task("pulpcore.app.tasks.test.sleep", title="Sleep for {interval} s")
def sleep(interval: float) -> None:
    """Sleep for so many seconds."""
    time.sleep(interval)


@task("pulpcore.app.tasks.test.gooey_task", title="Sleep stubbornly for {interval} s")
def gooey_task(interval: float) -> None:
    """Sleep for so many seconds and swallow whatever would stop it."""
    end = time.monotonic() + interval
    while (left := end - time.monotonic()) > 0:
        with suppress(BaseException):  # what it is for
            time.sleep(left)


@task("pulpcore.app.tasks.test.dummy_group_task", title="Start a group of sleepers")
def dummy_group_task(inbetween: float, intervals: list[float]) -> None:
    """Dispatch a sleep of each interval into its own group, `inbetween` seconds apart."""
    me = current_task()
    group = TaskGroup.objects.filter(pk=me.task_group_id).first() if me and me.task_group_id else None
    for number, interval in enumerate(intervals):
        if number:
            time.sleep(inbetween)
        sleep.dispatch(interval, call=Call(group=group))
