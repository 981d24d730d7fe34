"""What Django's settings are made of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from cartwheel.settings import _secret_key


def test_parts_that_start_at_the_same_time_have_the_same_key(tmp_path: Path) -> None:
    together = Barrier(8)

    def start(_: int) -> str:
        together.wait()
        return _secret_key(tmp_path / "data" / "secret-key")

    with ThreadPoolExecutor(8) as parts:
        keys = set(parts.map(start, range(8)))

    assert len(keys) == 1
    assert keys == {(tmp_path / "data" / "secret-key").read_text()}


def test_an_empty_file_holds_no_key(tmp_path: Path) -> None:
    file = tmp_path / "secret-key"
    file.touch()

    key = _secret_key(file)

    assert len(key) > 50
    assert _secret_key(file) == key
