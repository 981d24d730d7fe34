"""Filters for words on pages."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from cartwheel.web import moments

register = template.Library()


@register.filter
def breakable(name: str) -> SafeString:
    """A dotted name that may be broken behind its dots."""
    return mark_safe("<wbr>".join(f"{conditional_escape(part)}." for part in name.split("."))[:-1])  # noqa: S308, escaped part by part


@register.filter
def clock(moment: datetime, unit: str) -> SafeString:
    """A time of day in UTC as <time>, which clocks.js tells in the reader's zone; `unit` is how exactly."""
    exact = f"{moment:%Y-%m-%d %H:%M:%S.%f} UTC" if unit == "second" else moments.exact(moment)
    told = moments.time_of_day(moment, unit)
    return format_html(
        '<time datetime="{}" title="{}" data-clock="{}">{}</time>', moments.stamp(moment), exact, unit, told
    )
