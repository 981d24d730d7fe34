"""Task functions for trying things out. Pulp ships the same, so clients and test suites know them."""

from __future__ import annotations

import os
import time

from cartwheel.engine.functions import task

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
        try:
            time.sleep(left)
        except BaseException:  # noqa: BLE001, S110, what it is for
            pass
