"""Versions and ranges of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartwheel.kit.versions import matches, parse, sort_key, spans

NUMBERS = st.sampled_from(["0", "1", "2", "10"])
RELEASES = st.builds(".".join, st.lists(NUMBERS, min_size=3, max_size=3))
PRERELEASES = st.sampled_from(["", "-1", "-a", "-a.1", "-a-b", "-10.b"])
BUILDS = st.sampled_from(["", "+1", "+a.b", "+a-b"])
VERSIONS = st.builds("".join, st.tuples(RELEASES, PRERELEASES, BUILDS))
PARTIAL = st.builds(".".join, st.lists(NUMBERS, min_size=1, max_size=3))
BLOCKS = st.one_of(
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from([">", ">=", "<", "<=", "==", "!=", "^", "~", "~=", "="]), RELEASES, PRERELEASES
        ),
    ),
    st.builds("".join, st.tuples(st.sampled_from(["==", "!="]), VERSIONS)),
    st.builds(
        "".join, st.tuples(st.sampled_from([">", ">=", "<", "<=", "==", "!=", "^", "~", "~="]), PARTIAL)
    ),
    st.sampled_from(["!=1.2.0-", "==1.2.0+", "!=1.2.0+", ">=*", "==*", "*", ""]),
)
RANGES = st.one_of(BLOCKS, st.builds(",".join, st.lists(BLOCKS, min_size=2, max_size=3)))


@given(version=VERSIONS, wanted=RANGES)
def test_the_spans_of_a_range_hold_the_keys_of_the_versions_in_it(version: str, wanted: str) -> None:
    parsed = parse(version)
    assert parsed is not None
    key = sort_key(parsed)
    try:
        found = spans(wanted)
    except ValueError:
        assert not matches(parsed, wanted)
        return

    held = all(
        any((one.low is None or one.low <= key) and (one.high is None or key < one.high) for one in some)
        for some in found
    )

    assert held == matches(parsed, wanted)


@pytest.mark.parametrize("form", ["{}.0.0", "1.{}.0", "1.0.{}", "1.0.0-{}", "1.0.0-a.{}"])
def test_numbers_sort_rightly_or_are_refused(form: str) -> None:
    nine, ninety_nine = parse(form.format("9")), parse(form.format("9" * 99))

    assert nine is not None
    assert ninety_nine is not None
    assert sort_key(nine) < sort_key(ninety_nine)
    assert parse(form.format("1" * 100)) is None


@pytest.mark.parametrize("wanted", [f">={'1' * 100}", f"<1.0.0-{'1' * 100}"])
def test_a_range_of_numbers_that_do_not_sort_is_none(wanted: str) -> None:
    with pytest.raises(ValueError, match="100 digits"):
        spans(wanted)
