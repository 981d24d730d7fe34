"""Things that Linux does for processes and Python does not offer."""

from __future__ import annotations

import ctypes
import os
import select
import signal
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int, sign: signal.Signals = signal.SIGKILL) -> None:
    """Get this signal when the parent process ends, however it ends. `parent` is its id, read before the fork.

    Call it first thing after a fork. Where the parent was quicker and is gone already, ends at once.
    """
    if hasattr(_libc, "prctl"):
        _libc.prctl(_PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
    if os.getppid() != parent:  # not "is 1": in a container, that may well be the parent
        os.kill(os.getpid(), sign)


def is_alive(pid: int) -> bool:
    """Is there such a process, and is it more than an entry that nobody has waited for?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state not in ("Z", "X")


def kill_child(pid: int, parent: int, seconds: float) -> bool:
    """Kill a process with all that it started, if it is that parent's child. False if it lives on for so long, as
    when it is another user's.

    By its parent it is known not to be another one that has got its id since; nobody but the parent reaps it.
    """
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        if parent_of(pid) != parent or not is_alive(pid):
            return True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        return bool(select.select([watch], [], [], seconds)[0])
    finally:
        os.close(watch)


def parent_of(pid: int) -> int | None:
    """The id of the process that has made it, or taken it over; None if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def machine_id() -> str:
    """Where the process ids of this process have a meaning: this boot of this machine or container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return ""
    return f"{boot}/{space}"


def out_of_memory_kills() -> int:
    """How many processes the kernel has killed in this control group because memory ran out."""
    try:
        group = Path("/proc/self/cgroup").read_text().rsplit(":", 1)[-1].strip()
        events = Path(f"/sys/fs/cgroup{group}/memory.events").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in events.splitlines() if line.startswith("oom_kill ")), 0)


def cause_of_death(status: int) -> str:
    """A sentence on how a process ended, from what waitpid says."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else "unknown"
        return f"Killed by signal {-code} ({name})."
    return f"Task process died unexpectedly with exitcode {code}."
