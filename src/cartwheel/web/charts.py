"""Charts as SVG that the server makes: bars of equal width, parts on top of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP = 10, 100, 2  # of a bar, of the chart, between bars


@dataclass(frozen=True)
class Part:
    """One rectangle."""

    kind: str
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Chart:
    """`most` is what a bar of the full height stands for."""

    parts: tuple[Part, ...]
    width: int
    most: float
    words: tuple[tuple[str, str], ...]  # what each bar is about, as a stamp, and what it says

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def columns(self) -> list[tuple[int, str, str]]:
        return [(index * (WIDTH + GAP), begin, text) for index, (begin, text) in enumerate(self.words)]

    @property
    def bar(self) -> int:
        return WIDTH


def stacked(columns: Sequence[Sequence[tuple[str, float]]], words: Sequence[tuple[str, str]] = ()) -> Chart:
    """A bar for each column, of parts with a kind and a value, the first at the bottom."""
    most = max((sum(value for _, value in column) for column in columns), default=0)
    parts = []
    for index, column in enumerate(columns):
        top = float(HEIGHT)
        for kind, value in column:
            if value:
                height = max(round(HEIGHT * value / most, 2), 1.5)  # what is there is seen
                top = max(top - height, 0)
                parts.append(Part(kind, index * (WIDTH + GAP), round(top, 2), height))
    return Chart(tuple(parts), max(len(columns) * (WIDTH + GAP) - GAP, 1), most, tuple(words))
