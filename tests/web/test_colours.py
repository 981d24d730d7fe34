"""Words can be read: contrast as WCAG 2.2 measures it, 4.5 for text and 3 for shapes and borders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cartwheel.web

CSS = (Path(cartwheel.web.__file__).parent / "static/web/css/tokens.css").read_text()
GROUNDS = ("ground", "surface", "raised", "tint")
STATES = ("running", "waiting", "canceling", "completed", "failed", "canceled", "skipped")
TEXTS = ("ink", "ink-soft", "accent", "bad", *(f"state-{name}" for name in STATES))


def colours(which: int) -> dict[str, str]:
    """Every colour by name, as it is in light (0) or dark (1)."""
    pairs = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{3,6}), (#[0-9a-f]{3,6})\);", CSS)
    found = {name: both[which] for name, *both in pairs}
    found["state-running"] = found["accent"]
    return found


SCHEMES = {"light": colours(0), "dark": colours(1)}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_it_should_be() -> None:
    assert round(contrast("#fff", "#000000"), 1) == 21.0
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read_on_every_ground(scheme: str) -> None:
    known = SCHEMES[scheme]

    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [
        ("accent-ink", "accent"),
        ("ink", "accent-tint"),
        ("ink", "note-tint"),
        ("ink-soft", "bad-tint"),
        ("bad", "bad-tint"),
    ]
    pairs += [(f"state-{name}", "accent-tint") for name in STATES]
    pairs += [("surface", "bad")]

    assert [
        (a, b, round(contrast(known[a], known[b]), 2)) for a, b in pairs if contrast(known[a], known[b]) < 4.5
    ] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_borders_of_what_can_be_used_are_seen(scheme: str) -> None:
    known = SCHEMES[scheme]

    assert [ground for ground in GROUNDS if contrast(known["line-strong"], known[ground]) < 3] == []
