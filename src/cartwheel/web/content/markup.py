"""The markup in the documentation of plugins, such as C(code), O(option=value) and L(words,https://...).

Format: docs.ansible.com, "Ansible markup".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cartwheel.web.content.safe import web_address

# Semantic markup escapes with backslashes what would end it.
PLAIN = r"(?P<plain>[CIBUMLR])\((?P<words>[^)]*)\)"
SEMANTIC = r"(?P<kind>RV|[OVEP])\((?P<value>(?:\\.|[^\\)])*)\)"
MARKUP = re.compile(rf"\b(?:{PLAIN}|{SEMANTIC})|(?P<line>\bHORIZONTALLINE\b)")


def to_html(text: str) -> SafeString:
    """The text as HTML: everything is escaped, links lead to web pages only."""
    parts, position = [], 0
    for found in MARKUP.finditer(text):
        parts += [format_html("{}", text[position : found.start()]), _part(found)]
        position = found.end()
    parts.append(format_html("{}", text[position:]))
    return mark_safe("".join(parts))  # noqa: S308, each part is escaped


def _part(found: re.Match[str]) -> SafeString:
    if found["line"]:
        return mark_safe("<hr>")
    if found["kind"]:
        return format_html("<code>{}</code>", re.sub(r"\\(.)", r"\1", _without_plugin(found["value"])))
    return _PLAIN[found["plain"]](found["words"])


def _without_plugin(value: str) -> str:
    """O(acme.tools.ping#module:data) means the option data."""
    return value.rpartition("#")[2].rpartition(":")[2] if "#" in value else value


def _link(words: str) -> SafeString:
    label, comma, address = words.rpartition(",")
    return _anchor(label if comma else words, address.strip())


def _anchor(label: str, address: str) -> SafeString:
    safe = web_address(address)
    if not safe:
        return format_html("{}", label)
    return format_html('<a href="{}" rel="noopener noreferrer nofollow">{}</a>', safe, label)


_PLAIN: dict[str, Callable[[str], SafeString]] = {
    "C": lambda words: format_html("<code>{}</code>", words),
    "I": lambda words: format_html("<em>{}</em>", words),
    "B": lambda words: format_html("<b>{}</b>", words),
    "M": lambda words: format_html("<code>{}</code>", words),
    "U": lambda words: _anchor(words, words),
    "L": _link,
    "R": lambda words: format_html("{}", words.rpartition(",")[0] or words),
}
