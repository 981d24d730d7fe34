"""Every process of a hub is killed, and what was dispatched is looked at afterwards. The long form: make soak."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import postgres
from own_server import own_server
from torment import torment

KINDS = {"worker", "supervisor", "web", "parent", "who asks"}


def test_whatever_is_killed_each_task_ends_as_promised(tmp_path: Path) -> None:
    with (
        own_server() if postgres.is_wanted() else nullcontext() as server,
        torment(tmp_path / "w", seed=7, server=server) as hub,
    ):
        hub.kill_all_kinds()

        assert hub.finish() > 20
        of_the_server = {"PostgreSQL", "a process of PostgreSQL"} if server else set()
        assert set(hub.kills) == KINDS | of_the_server
