"""What Linux tells of processes."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import threading
from collections.abc import Iterator

import pytest
from patience import PATIENCE_SECONDS, eventually
from processes import children, is_dead

from cartwheel.kit.processes import cause_of_death, is_alive, is_surely_dead, kill_child, machine_id


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (signal.SIGKILL, "Killed by signal 9 (SIGKILL)."),
        (signal.SIGSEGV | 0x80, "Killed by signal 11 (SIGSEGV)."),
        (40, "Killed by signal 40 (unknown)."),
        (3 << 8, "Task process died unexpectedly with exitcode 3."),
    ],
)
def test_how_a_process_ended_is_said_in_a_sentence(status: int, sentence: str) -> None:
    assert cause_of_death(status) == sentence


def test_one_that_nobody_has_waited_for_is_dead_all_the_same() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    eventually(lambda: is_dead(pid))

    assert not is_alive(pid)
    os.waitpid(pid, 0)
    assert not is_alive(pid)
    assert is_alive(os.getpid())


@pytest.fixture
def thread_id() -> Iterator[int]:
    """The id of a thread of this process that is not its first."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    assert thread.native_id
    yield thread.native_id
    end.set()
    thread.join()


def test_an_id_that_only_a_thread_has_is_no_process(thread_id: int) -> None:
    assert not is_alive(thread_id)
    assert kill_child(thread_id, os.getpid(), 1)


def test_who_cannot_be_looked_at_may_live_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "pidfd_open", refuse)

    assert not kill_child(os.getpid(), os.getppid(), 1)


def test_a_machine_stays_the_same_while_it_is_up() -> None:
    assert machine_id() == machine_id() != ""


def test_with_a_container_that_was_started_again_all_that_ran_in_it_is_gone() -> None:
    space, _, first = machine_id().rpartition("/")

    assert is_surely_dead(os.getpid(), f"{space}/{int(first) - 1}")
    assert not is_surely_dead(os.getpid(), machine_id())
    for other in (f"{space}/", f"{space}0/{int(first) - 1}", space, ""):  # of which nothing can be known
        assert not is_surely_dead(os.getpid(), other)


def test_a_child_is_killed_with_what_it_started_and_only_if_it_is_that_parents() -> None:
    with subprocess.Popen(["sh", "-c", "sleep 600 & wait"], process_group=0) as child:
        eventually(lambda: children(child.pid), what="the sleeper")
        (sleeper,) = children(child.pid)

        assert kill_child(child.pid, os.getppid(), 1)  # of somebody else: it is not the one that is meant
        assert is_alive(child.pid)
        assert kill_child(child.pid, os.getpid(), PATIENCE_SECONDS)
        assert not is_alive(child.pid)
        eventually(lambda: not is_alive(sleeper), what="the end of the sleeper")
    assert kill_child(child.pid, os.getpid(), 1)


def test_one_that_must_not_be_killed_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_group: int, _sign: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "killpg", refuse)

    with subprocess.Popen(["sleep", "600"], process_group=0) as child:
        try:
            assert not kill_child(child.pid, os.getpid(), 0)
        finally:
            child.kill()
