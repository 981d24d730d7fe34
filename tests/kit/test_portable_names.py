"""Authors are told of files that other systems cannot unpack."""

from __future__ import annotations

import pytest

from cartwheel.kit.portable_names import warnings_about

FINE = [
    ".",
    "README.md",
    "docs",
    "docs/a.md",
    ".github/x.yml",
    "plugins/modules/console.py",
    "com10",
    "a.b/c d",
]


def test_most_names_are_fine_everywhere() -> None:
    assert warnings_about(FINE) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [("docs/A.md", "docs/a.md"), ("e\u0301.md", "\u00e9.md"), ("Docs", "docs"), ("STRASSE", "stra\u00dfe")],
)
def test_two_names_that_are_one_elsewhere_are_told(first: str, second: str) -> None:
    (warning,) = warnings_about([second, "README.md", first])

    assert warning.startswith(f'Not every system can unpack "{first}" and "{second}": ')


@pytest.mark.parametrize(
    "name",
    [
        "con.py",
        "docs/NUL",
        "aux/x.py",
        "lpt1.tar.gz",
        "a:b.md",
        "what?",
        "trail.",
        "trail /x",
    ],
)
def test_a_name_that_windows_does_not_know_is_told(name: str) -> None:
    (warning,) = warnings_about([*FINE, name])

    assert warning.startswith(f'Not every system can unpack "{name}": ')


def test_only_some_of_very_many_are_named() -> None:
    (warning,) = warnings_about([f"{each:02d}." for each in range(30)])

    assert '"08.", "09." and 20 more: ' in warning
