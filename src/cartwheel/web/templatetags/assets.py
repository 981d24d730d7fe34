"""`{% asset "web/css/base.css" %}`: the address of a static file, with a digest of what is in it.

A browser may keep the file; when it changes, so does its address.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static

register = template.Library()


@register.simple_tag
@cache
def asset(path: str) -> str:
    found = finders.find(path)
    if not isinstance(found, str):
        raise template.TemplateSyntaxError(f"There is no static file {path}.")
    digest = hashlib.sha256(Path(found).read_bytes()).hexdigest()
    return f"{static(path)}?v={digest[:10]}"
