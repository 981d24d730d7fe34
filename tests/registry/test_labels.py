"""Searches for labels."""

from __future__ import annotations

import pytest

from cartwheel.kit.errors import Invalid
from cartwheel.registry import labels

HELD = {"pipeline": "approved", "team": "net,ops", "empty": "", "none": None, "two words": "x", "a.dot": None}


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
        ("two words=x", True),
        ("a.dot", True),
        ("pipeline , a.dot", True),
    ],
)
def test_terms_hold_or_not(search: str, holds: bool) -> None:
    assert labels.hold(labels.parse(search), HELD) is holds


@pytest.mark.parametrize("search", [",", "pipeline,", "!", "=x", "a/b", "!pipeline=x"])
def test_what_is_no_search_is_refused(search: str) -> None:
    with pytest.raises(Invalid):
        labels.parse(search)
