"""Markdown from strangers as HTML that is safe to show."""

from __future__ import annotations

from functools import cache
from html import escape

import nh3
from markdown_it import MarkdownIt

TEXT_LIMIT = 256 << 10  # characters; a longer text is shown as it is. 1 MiB takes 10 s at worst


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(text: str) -> str:
    """CommonMark with tables as HTML: no HTML of the text's own, no scripts, no odd links."""
    if len(text) > TEXT_LIMIT:
        return f"<pre>{escape(text)}</pre>"
    return nh3.clean(_renderer().render(text)).strip()
