"""Markdown from strangers as HTML that is safe to show."""

from __future__ import annotations

from functools import cache
from html import escape

import nh3
from markdown_it import MarkdownIt

TEXT_LIMIT = 256 << 10  # characters; a longer text is shown as it is. 1 MiB takes 10 s at worst

OPENING, CLOSING = "<p>&lt;!--", "--&gt;</p>"  # of a comment, once it is rendered


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(text: str) -> str:
    """CommonMark with tables as HTML: no HTML of the text's own, no scripts, no odd links."""
    if len(text) > TEXT_LIMIT:
        return f"<pre>{escape(text)}</pre>"
    return nh3.clean(_without_comments(_renderer().render(text))).strip()


def _without_comments(html: str) -> str:
    """Leave out paragraphs that are HTML comments, as READMEs begin with: to a reader they say nothing."""
    parts, position = [], 0
    while (start := html.find(OPENING, position)) >= 0 and (end := html.find(CLOSING, start)) >= 0:
        parts.append(html[position:start])
        position = end + len(CLOSING)
    return "".join([*parts, html[position:]])
