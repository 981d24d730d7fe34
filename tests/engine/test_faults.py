"""Processes of a real hub are killed at random moments. The long form: make soak."""

from __future__ import annotations

from pathlib import Path

import torment
from hub import running_hub


def test_whatever_is_killed_every_task_ends_truthfully(tmp_path: Path) -> None:
    with running_hub(tmp_path / "data", workers="3") as hub:
        told = torment.torment(hub, 20, seed=7)

        torment.check(hub, told)

    assert set(told.kills) == {"worker", "supervisor", "web"}
