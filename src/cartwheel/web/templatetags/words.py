"""Filters for words on pages."""

from __future__ import annotations

import re
from datetime import datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from cartwheel.web import moments

register = template.Library()
PARTS = re.compile(
    r"(?:(?<=[_@:-])|(?<=\w/))(?=\w)|(?<=\.)(?=[^\W\d])"
)  # where one begins; versions are whole


@register.filter
def breakable(name: str) -> SafeString:
    """A long name or address that may be broken behind its dots and the like, rather than within a word."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in PARTS.split(str(name))))


@register.filter
def clock(moment: datetime, unit: str) -> SafeString:
    """A time of day in UTC as <time>, which clocks.js tells in the reader's zone; `unit` is how exactly."""
    exact = f"{moment:%Y-%m-%d %H:%M:%S.%f} UTC" if unit == "second" else moments.exact(moment)
    told = moments.time_of_day(moment, unit)
    return format_html(
        '<time datetime="{}" title="{}" data-clock="{}">{}</time>', moments.stamp(moment), exact, unit, told
    )
