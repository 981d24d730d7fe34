"""What docs/why/engine.md promises is held by tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PROMISES = re.findall(
    r"^\* \*\*.*?(?=^\* \*\*|^\*\*|\Z)",
    (TESTS.parent / "docs/why/engine.md").read_text(),
    re.MULTILINE | re.DOTALL,
)


def test_every_promise_names_tests_that_are_there() -> None:
    there = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }

    named = {promise: set(re.findall(r"`(test_\w+)`", promise)) for promise in PROMISES}

    assert len(named) > 10
    assert [promise for promise, names in named.items() if not names] == []
    assert {name for names in named.values() for name in names} - there == set()
