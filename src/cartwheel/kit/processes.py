"""Things that Linux does for processes and Python does not offer."""

from __future__ import annotations

import ctypes
import errno
import os
import select
import signal
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# There is no such process; the last two, by kernel, for an id that is only a thread's.
_GONE = (errno.ESRCH, errno.ENOENT, errno.EINVAL)
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
    """Is there such a process, and is it more than an entry that nobody has waited for, or a thread of another?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return True
    facts = {name: text.split() for name, _, text in (line.partition(":") for line in lines)}
    return facts.get("State", [""])[0] not in ("Z", "X") and facts.get("Tgid", [str(pid)]) == [str(pid)]


def is_surely_dead(pid: int, machine: str) -> bool:
    """Is it known here that this process of that machine is gone? Of other machines nothing is."""
    here = machine_id()
    if here and machine == here:
        return not is_alive(pid)
    return _has_ended(machine, here)


def kill_child(pid: int, parent: int, seconds: float) -> bool:
    """Kill a process with all that it started, if it is that parent's child. False if it lives on for so long, as
    when it is another user's.

    By its parent it is known not to be another one that has got its id since; nobody but the parent reaps it.
    """
    try:
        watch = os.pidfd_open(pid)
    except OSError as problem:
        return problem.errno in _GONE
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
    parent = _stat(pid, 4)
    return int(parent) if parent else None


def machine_id() -> str:
    """Where the process ids of this process have a meaning: this boot of this machine or container.

    The kernel gives the number of a space of process ids to the next one, so a container that is started again
    may well have the same: its first process, however, is another one.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return ""
    return f"{boot}/{space}/{_stat(1, 22)}"


def _has_ended(machine: str, here: str) -> bool:
    """Had it the space of process ids that is ours now? Then it has ended, and with it all that ran there."""
    space, _, first = machine.rpartition("/")
    our_space, _, our_first = here.rpartition("/")
    return bool(first and our_first) and space == our_space and first != our_first


def _stat(pid: int, number: int) -> str:
    """A field of what Linux says of a process, from the fourth on; empty if it is gone, or must not be seen.

    Format: proc_pid_stat(5). The second field is a name in brackets, which may hold anything.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[number - 3]
    except (OSError, IndexError):
        return ""


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
