"""JSON in: what cannot be read is the client's mistake, however odd it is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any, Never

from django.conf import settings
from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Raises ParseError, also for what is nested so deeply that reading it would fail.

        The framework's own refuses NaN and Infinity, but not numbers that are as large: 1e999.
        """
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        try:
            text = stream.read().decode(encoding)
            return json.loads(text, parse_constant=_refused, parse_float=_finite)
        except RecursionError:
            raise ParseError("JSON parse error - it is nested too deeply") from None
        except LookupError:
            raise ParseError(f'Unsupported charset "{encoding}" in request Content-Type header.') from None
        except ValueError as problem:
            raise ParseError(f"JSON parse error - {problem}") from None


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused(text[:100])


def _refused(number: str) -> Never:
    raise ValueError(f"Out of range float values are not JSON compliant: {number!r}")
