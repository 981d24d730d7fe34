"""Messages between a supervisor and its children: JSON, and what Django's own JSON can say beside."""

from __future__ import annotations

import json
from typing import Any

import orjson
from django.core.serializers.json import DjangoJSONEncoder

from cartwheel.kit.texts import is_all_storable

_other = DjangoJSONEncoder().default


def pack(message: dict[str, Any]) -> bytes:
    """The message as bytes. Whole numbers may have any number of digits, so unpack does not use orjson."""
    try:
        return orjson.dumps(message, default=_other, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return json.dumps(message, cls=DjangoJSONEncoder).encode()


def unpack(message: bytes) -> Any:
    return json.loads(message)


def is_storable_json(text: str) -> bool:
    """Can every database keep what this JSON says? It is ASCII, as json.dumps writes it."""
    return "\\u" not in text or is_all_storable(json.loads(text))
