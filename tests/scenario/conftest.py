"""A hub for each file, so that `task wait all` waits for that file's tasks only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clients import Clients
from hub import Hub, running_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tmp_path_factory.mktemp("hub") / "data") as started:
        yield started


@pytest.fixture
def clients(hub: Hub, tmp_path: Path) -> Clients:
    return Clients(hub, tmp_path)
