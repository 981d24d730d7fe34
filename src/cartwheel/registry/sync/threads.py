"""Threads that talk to the other server, while the main thread alone works with the database.

They are daemons, as one that is stuck must not keep its process from ending.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, TypeVar

from cartwheel.registry.sync.client import Client
from cartwheel.registry.sync.errors import Stopped

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2  # so many items per thread are handed out before the first result is taken


class Threads:
    """Use it in a `with`: at its end, the threads stop and the client is closed."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._count = client.account.concurrency
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._started = 0

    def __enter__(self) -> Threads:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        frames: TracebackType | None,
    ) -> None:
        self.client.close()
        for _ in range(self._started):
            self._jobs.put(None)

    def one(self, act: Callable[[], R]) -> R:
        """What it gives, or what it raises."""
        for _, result in self.each(lambda _: act(), [None]):
            return result
        raise Stopped

    def each(self, act: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Items and what `act` gives for them, as they are done. The first that is raised is raised here."""
        done: queue.SimpleQueue[tuple[T, Any, BaseException | None]] = queue.SimpleQueue()
        waiting, under_way, is_over = iter(items), 0, False
        while True:
            while not is_over and under_way < self._count * AHEAD:
                try:
                    item = next(waiting)
                except StopIteration:
                    is_over = True
                    break
                self._start(under_way + 1)
                self._jobs.put(_job(act, item, done))
                under_way += 1
            if not under_way:
                return
            item, result, problem = done.get()
            under_way -= 1
            if problem is not None:
                raise problem
            yield item, result

    def _start(self, wanted: int) -> None:
        """Have so many threads, as far as the remote allows it."""
        while self._started < min(wanted, self._count):
            threading.Thread(target=self._work, name="sync", daemon=True).start()
            self._started += 1

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _job(act: Callable[[T], R], item: T, done: queue.SimpleQueue[Any]) -> Callable[[], None]:
    def job() -> None:
        try:
            done.put((item, act(item), None))
        except BaseException as problem:  # noqa: BLE001, it is raised where the results are taken
            done.put((item, None, problem))

    return job
