"""Tags of the pages about content."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cartwheel.web import moments

register = template.Library()


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """A time as <time>, told anew each second, the exact one on hover."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        moments.stamp(moment),
        moments.exact(moment),
        moments.ago(moment, timezone.now()),
    )

