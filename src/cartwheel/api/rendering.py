"""JSON out, quickly: time stamps as clients expect them, ids and hrefs as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.utils.encoding import force_str
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        try:
            return orjson.dumps(data, default=_other, option=OPTIONS)
        except TypeError:
            # A text from outside, told back in an error, may hold half of a surrogate pair.
            return json.dumps(data, default=_plain).encode()


def _plain(value: Any) -> Any:
    """What Python's own encoder does not know, as orjson would write it."""
    return orjson.loads(orjson.dumps(value, default=_other, option=OPTIONS))


def _other(value: Any) -> Any:
    if isinstance(value, Promise):
        return force_str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def stamp(moment: datetime | None) -> str | None:
    """A time stamp: RFC 3339 in UTC, with microseconds, ending in Z."""
    if moment is None:
        return None
    # A page of tasks has 500 of them, and strftime takes twice as long.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
