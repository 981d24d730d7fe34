"""A picture of what tools/bench.py measured: bars beside their yardstick, as SVG."""

from __future__ import annotations

from html import escape
from typing import Any

BAR, GAP, LEFT, WIDTH = 18, 8, 300, 860
COLORS = {"sqlite": "#2f6f9f", "postgresql": "#b5651d"}


def plot(found: dict[str, Any]) -> str:
    """Throughput against the yardstick, and how long a task waits as others are blocked."""
    parts, y = [], 30
    for title, names in (
        ("Tasks per second", _named(found, "tasks/s", "yardstick")),
        ("Created to started, median ms", _named(found, "created to started")),
    ):
        parts.append(f'<text x="10" y="{y}" class="title">{escape(title)}</text>')
        y += 14
        most = max(
            (_value(found[each].get(name)) for each in COLORS if each in found for name in names), default=1
        )
        for name in names:
            for database, color in COLORS.items():
                value = _value(found.get(database, {}).get(name))
                length = round((WIDTH - LEFT - 90) * value / (most or 1))
                label = escape(f"{name} ({database})")
                parts.append(f'<text x="{LEFT - 10}" y="{y + 13}" class="label">{label}</text>')
                parts.append(f'<rect x="{LEFT}" y="{y}" width="{length}" height="{BAR}" fill="{color}"/>')
                parts.append(f'<text x="{LEFT + length + 6}" y="{y + 13}">{value:g}</text>')
                y += BAR + 3
            y += GAP
        y += 24
    style = "text{font:12px sans-serif;fill:#555}.title{font-weight:bold}.label{text-anchor:end}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img">'
    return f"{head}<title>Performance</title><style>{style}</style>{''.join(parts)}</svg>\n"


def _named(found: dict[str, Any], *words: str) -> list[str]:
    names = dict.fromkeys(name for each in COLORS for name in found.get(each, {}))
    return [name for name in names if any(word in name for word in words) and "ratio" not in name]


def _value(figure: Any) -> float:
    if isinstance(figure, dict):
        return float(figure["median"])
    return float(figure or 0)
