"""What a worker has begun and done, in a file that outlives it: what it had not begun can still be run.

A supervisor that lives knows it by itself (tokens.py). When it is killed together with its children, whoever
finds them dead on the same machine reads it here. What was written into the file stays, whoever is killed, until
the machine itself goes down: from then on, and from elsewhere, all that a worker had counts as begun.
"""

from __future__ import annotations

import mmap
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from cartwheel.engine.models import Task, Worker
from cartwheel.engine.wakeup import run_directory
from cartwheel.kit.processes import is_surely_dead

SLOTS = 256  # the latest tasks; a worker never has so many at a time
UNKNOWN_SECONDS = 3600  # after which a file is of no use whose worker is in no row
PREFIX = "begun-"
_BYTES = 17  # of each: its id, and whether it is done


class Begun:
    """The file of one worker. Made before the fork: the child writes it."""

    def __init__(self, worker_id: UUID) -> None:
        self._path = _path_of(worker_id)
        self._here = self._next = 0
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # All of it is written, so that there is room on the disk for whatever is noted later.
            self._path.write_bytes(bytes(SLOTS * _BYTES))
            with self._path.open("r+b") as file:
                self._slots = mmap.mmap(file.fileno(), SLOTS * _BYTES)
        except OSError:  # a full disk: worse is known of the dead, but the living can work
            self._path.unlink(missing_ok=True)
            self._slots = mmap.mmap(-1, SLOTS * _BYTES)

    def note(self, task_id: UUID) -> None:
        """The worker begins this task now."""
        self._here, self._next = self._next, (self._next + _BYTES) % len(self._slots)
        self._slots[self._here : self._here + _BYTES] = task_id.bytes + b"\0"

    def done(self) -> None:
        """The latest task has ended well, and has nothing more to tell."""
        self._slots[self._here + _BYTES - 1] = 1

    def close(self) -> None:
        """The worker is gone, and what it had is known."""
        self._slots.close()
        self._path.unlink(missing_ok=True)


def begun_by(worker_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, bool]]:
    """For those of the workers of which it can be known: the latest tasks that they have begun, and which are done.

    Only dead ones cannot begin any more.
    """
    found = {}
    for each in Worker.objects.filter(pk__in=list(worker_ids)):
        if is_surely_dead(each.pid, each.machine):
            with suppress(FileNotFoundError):  # none was kept, or somebody else has settled it in this moment
                found[each.pk] = _read(each.pk)
    return found


def forget(worker_ids: Iterable[UUID]) -> None:
    """What these workers had is settled."""
    for each in worker_ids:
        _path_of(each).unlink(missing_ok=True)


def forget_settled() -> None:
    """Remove the files of workers whose tasks somebody has settled who could not: another host, for example.

    One of a worker that has tasks still tells what these are at. Where a worker is in no row, that may be about
    to come.
    """
    left = dict(_left_here())
    if not left:
        return
    rows = dict(Worker.objects.filter(pk__in=left).values_list("pk", "stopped_at"))
    busy = set(Task.objects.under_way().filter(worker__in=left).values_list("worker", flat=True))
    oldest = time.time() - UNKNOWN_SECONDS
    forget(
        pk
        for pk, made in left.items()
        if pk not in busy and (rows[pk] is not None if pk in rows else made < oldest)
    )


def _left_here() -> Iterator[tuple[UUID, float]]:
    """The workers that have a file here, and when it was written."""
    for path in run_directory().glob(f"{PREFIX}*"):
        with suppress(ValueError, FileNotFoundError):  # it is none of ours; or it has just been removed
            yield UUID(path.name.removeprefix(PREFIX)), path.stat().st_mtime


def _read(worker_id: UUID) -> dict[UUID, bool]:
    slots = _path_of(worker_id).read_bytes()
    rows = (slots[start : start + _BYTES] for start in range(0, len(slots), _BYTES))
    return {UUID(bytes=row[:-1]): row[-1] == 1 for row in rows if any(row)}


def _path_of(worker_id: UUID) -> Path:
    return run_directory() / f"{PREFIX}{worker_id}"
