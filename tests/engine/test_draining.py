"""What is stopped while the supervisor that runs it is about to end."""

from __future__ import annotations

from pathlib import Path

import journal
import pytest
from patience import PATIENCE_SECONDS, eventually
from workshop import Workshop, workshop

GRACE_SECONDS = 10 * PATIENCE_SECONDS  # nothing ends because it is over


def has_begun(shop: Workshop) -> bool:
    return any(story.begun for story in journal.read(shop.folder).values())


@pytest.mark.parametrize("name", ["journal.patient", "journal.deaf"])
def test_a_task_is_stopped_also_while_its_supervisor_drains(tmp_path: Path, name: str) -> None:
    with workshop(tmp_path / "w") as shop:
        supervisor = shop.start("supervise", 2, "", GRACE_SECONDS)
        shop.do("order", name, "r")
        eventually(lambda: has_begun(shop), what="its begin")
        supervisor.terminate()
        eventually(lambda: "draining: 1 tasks" in shop.log(), what="the drain")

        shop.do("stop", 1, 1)

        assert [row.state for row in shop.end_of_all().values()] == ["canceled"]
        assert supervisor.wait(PATIENCE_SECONDS) == 0, shop.log()
