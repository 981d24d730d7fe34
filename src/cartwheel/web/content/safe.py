"""HTML and addresses from strangers, once more made safe when they are shown.

What is imported was cleaned then; this is the second lock, and it fits the text into our pages: headings
one level down, no pictures from elsewhere (they would tell others who reads here), blocks of code and tables that
the keyboard can scroll. That it can be fitted by patterns needs an nh3 that escapes < in attributes (pyproject.toml).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe

PICTURE = re.compile(r'<img((?:\s+[a-z-]+="[^"]*")*)\s*/?>')
ALTERNATIVE = re.compile(r'\salt="([^"]*)"')
WIDE = re.compile(r"<(pre|table)\b")
HEADING = re.compile(r"<(/?)h([1-6])>")


def shown_html(html: object) -> SafeString:
    """HTML that may stand in a page; what is no text is nothing."""
    clean = nh3.clean(html if isinstance(html, str) else "", link_rel="noopener noreferrer nofollow")
    clean = PICTURE.sub(_described, clean)
    clean = HEADING.sub(lambda found: f"<{found[1]}h{min(int(found[2]) + 1, 6)}>", clean)
    return mark_safe(WIDE.sub(r'<\1 tabindex="0"', clean))  # noqa: S308, cleaned above


def web_address(text: object) -> str:
    """The address, if it is one of a web page; else nothing: javascript: and the like lead nowhere."""
    if not isinstance(text, str) or not text.isprintable():
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc else ""


def _described(picture: re.Match[str]) -> str:
    words = ALTERNATIVE.search(picture[1])
    return f'<span class="picture">{(words[1] if words else "") or "picture"}</span>'
