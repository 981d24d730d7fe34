"""Searches for labels."""

from __future__ import annotations

import pytest

from cartwheel.registry import labels

HELD = {"pipeline": "approved", "team": "net,ops", "empty": "", "none": None}


@pytest.mark.parametrize(
    ("search", "holds"),
    [
        ("", True),
        ("pipeline", True),
        ("missing", False),
        ("!missing", True),
        ("!pipeline", False),
        ("pipeline=approved", True),
        ("pipeline=appro", False),
        ("pipeline!=rejected", True),
        ("pipeline!=approved", False),
        ("missing!=x", False),
        ("pipeline~PROV", True),
        ("pipeline~x", False),
        ("empty=", True),
        ("none=", True),
        ("team=net\\,ops", True),
        ("pipeline=approved,!missing", True),
        ("pipeline=approved,missing", False),
    ],
)
def test_terms_hold_or_not(search: str, holds: bool) -> None:
    assert labels.hold(labels.parse(search), HELD) is holds
