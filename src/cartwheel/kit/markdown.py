"""Markdown from strangers as HTML that is safe to show."""

from __future__ import annotations

from functools import cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

TEXT_LIMIT = 256 << 10  # characters; a longer text is shown as it is. 1 MiB takes 10 s at worst

OPENING, CLOSING = "<p>&lt;!--", "--&gt;</p>"  # of a comment, once it is rendered
UNCLOSED = "unclosed"


@cache
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    renderer.inline.ruler.before("html_inline", "comment", _pass_over_comment)
    return renderer


def _pass_over_comment(state: StateInline, silent: bool) -> bool:
    """A rule of the renderer: what stands between <!-- and --> says nothing to a reader."""
    if not state.src.startswith("<!--", state.pos) or state.env.get(UNCLOSED) is state.src:
        return False
    end = state.src.find("-->", state.pos)
    if end < 0:
        state.env[UNCLOSED] = state.src  # so that not each one looks for its end
        return False
    state.pos = end + len("-->")
    return True


def to_html(text: str) -> str:
    """CommonMark with tables as HTML: no HTML of the text's own, no scripts, no odd links."""
    if len(text) > TEXT_LIMIT:
        return f"<pre>{escape(text)}</pre>"
    return nh3.clean(_without_comments(_renderer().render(text))).strip()


def _without_comments(html: str) -> str:
    """Leave out comments that go on over several paragraphs, and paragraphs that had nothing else."""
    parts, position = [], 0
    while (start := html.find(OPENING, position)) >= 0 and (end := html.find(CLOSING, start)) >= 0:
        parts.append(html[position:start])
        position = end + len(CLOSING)
    return "".join([*parts, html[position:]]).replace("<p></p>\n", "")
