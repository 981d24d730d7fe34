"""HTML of strangers stays theirs: what it becomes in a page is no element that they chose."""

from __future__ import annotations

import pytest

from cartwheel.web.content.safe import shown_html


@pytest.mark.parametrize(
    "html",
    [
        '<img src="x" alt="&lt;form action=//evil.example&gt;">',
        '<a title="&lt;pre&gt;&lt;form action=//evil.example&gt;" href="x">here</a>',
    ],
)
def test_words_in_an_attribute_become_no_elements(html: str) -> None:
    shown = shown_html(html)

    assert "<form" not in shown
    assert "<pre" not in shown
    assert "evil.example" in shown
