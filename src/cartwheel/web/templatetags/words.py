"""Filters for words on pages."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def breakable(name: str) -> SafeString:
    """A dotted name that may be broken behind its dots."""
    return mark_safe("<wbr>".join(f"{conditional_escape(part)}." for part in name.split("."))[:-1])  # noqa: S308, escaped part by part
