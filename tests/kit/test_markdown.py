"""Markdown from strangers."""

from __future__ import annotations

import pytest

from cartwheel.kit.markdown import TEXT_LIMIT, to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<!-- SPDX -->\n# Tools", "<h1>Tools</h1>"),
        ("# Tools\n\n<!--\nCopyright\n\nAll rights\n-->\n\nWords", "<h1>Tools</h1>\n\n<p>Words</p>"),
        (
            "One <!-- two --> three `<!-- four -->`<!--\n-->",
            "<p>One  three <code>&lt;!-- four --&gt;</code></p>",
        ),
        ("<!-- never closed\n\nWords", "<p>&lt;!-- never closed</p>\n<p>Words</p>"),
        ("```\n<!-- kept -->\n```", "<pre><code>&lt;!-- kept --&gt;\n</code></pre>"),
    ],
)
def test_comments_are_not_shown_but_in_code(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<b onclick=x>"])
def test_nothing_of_it_runs(text: str) -> None:
    html = to_html(text)

    assert "<script" not in html
    assert "href" not in html
    assert "<b" not in html


def test_a_text_that_is_too_long_is_shown_as_it_is() -> None:
    assert to_html("<" * (TEXT_LIMIT + 1)).startswith("<pre>&lt;")
