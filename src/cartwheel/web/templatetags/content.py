"""Tags of the pages about content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from cartwheel.engine.models import Task
from cartwheel.registry.causes import error_of
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


@register.filter
def of(known: Mapping[Any, Any], key: Any) -> Any:
    """What is counted or known under a key; 0 if nothing is."""
    return known.get(key, 0)


@register.filter
def why(task: Task) -> str:
    """Why a last sync failed, as far as it is told."""
    error = error_of(task) or {}
    return gettext(str(error.get("description") or ""))
