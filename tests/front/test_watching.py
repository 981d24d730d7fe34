"""Who is told what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from patience import PATIENCE_SECONDS

from cartwheel.engine.models import Event
from cartwheel.engine.pausing import NO_TASK
from cartwheel.front import watching
from cartwheel.front.watching import EventReader, told_among


def test_a_pause_is_told_to_everybody_and_a_task_to_those_who_know_of_it() -> None:
    mine, other = uuid4(), uuid4()
    found = [
        Event(task_id=mine, kind=Event.Kind.STATE),
        Event(task_id=other, kind=Event.Kind.STATE),
        Event(task_id=NO_TASK, kind=Event.Kind.PAUSE),
    ]

    assert told_among(found, {mine}) == [found[0], found[2]]


class Recorded(EventReader):
    """Tells what it asks the database, and is not answered before it may be."""

    def __init__(self) -> None:
        super().__init__(ThreadPoolExecutor(1))
        self.told: list[str] = []
        self.may_be_answered = asyncio.Event()

    async def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def _ask(self, question: Callable[[], Any]) -> Any:
        name = question.__name__
        self.told.append(name)
        if name == "read":
            await self.may_be_answered.wait()
            self.told.append("answered")
        return []


def test_who_comes_while_others_are_told_begins_after_that() -> None:
    async def come_and_go() -> list[str]:
        reader = Recorded()
        async with reader.watching():
            while "read" not in reader.told:
                await asyncio.sleep(0)
        coming = asyncio.create_task(reader.watching().__aenter__())
        for _ in range(10):  # it gets as far as it can
            await asyncio.sleep(0)
        reader.may_be_answered.set()
        await coming
        if reader._task:
            reader._task.cancel()
        return reader.told

    assert asyncio.run(come_and_go())[:4] == ["begin", "read", "answered", "begin"]


class Broken(Recorded):
    """Cannot read the first time."""

    async def _ask(self, question: Callable[[], Any]) -> Any:
        self.told.append(question.__name__)
        if question.__name__ == "read" and self.told.count("read") == 1:
            raise RuntimeError("a bug")
        return [Event(task_id=uuid4(), kind=Event.Kind.STATE)]


def test_who_waits_is_told_though_it_went_wrong_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.0)

    async def wait() -> Event | None:
        reader = Broken()
        async with reader.watching() as watcher:
            event = await asyncio.wait_for(watcher.queue.get(), PATIENCE_SECONDS)
        if reader._task:
            reader._task.cancel()
        return event

    assert asyncio.run(wait())
    assert "RuntimeError: a bug" in caplog.text
