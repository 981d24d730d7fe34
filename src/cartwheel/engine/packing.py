"""Messages between a supervisor and its children: JSON, and what Django's own JSON can say beside."""

from __future__ import annotations

import json
from typing import Any

import orjson
from django.core.serializers.json import DjangoJSONEncoder

from cartwheel.kit.texts import is_storable

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
    if "\\u" not in text:
        return True
    return _is_storable(json.loads(text))


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, dict):
        return all(is_storable(name) and _is_storable(inner) for name, inner in value.items())
    return all(map(_is_storable, value)) if isinstance(value, list) else True
