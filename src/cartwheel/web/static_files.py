"""Static files, small: compressed once for each process, and kept by browsers for as long as their address lasts."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseBase

KINDS = (".css", ".js", ".svg")
FILES = 200  # files kept in memory
VERSIONED = "max-age=31536000, public, immutable"  # the address names the content
OTHERS = f"max-age={settings.WHITENOISE_MAX_AGE}, public"


class CompressedStaticMiddleware:
    """Answers for text files to those who take gzip; leaves all else to what comes after it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        wanted = path.startswith(settings.STATIC_URL) and path.endswith(KINDS) and request.method == "GET"
        if wanted and "gzip" in request.headers.get("Accept-Encoding", ""):
            content = _compressed(path.removeprefix(settings.STATIC_URL))
            if content is not None:
                return _answer(path, content, is_versioned="v" in request.GET)
        return self.get_response(request)


def _answer(path: str, content: bytes, *, is_versioned: bool) -> HttpResponse:
    kind = guess_type(path)[0] or "text/plain"
    answer = HttpResponse(content, content_type=f"{kind}; charset=utf-8")
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = VERSIONED if is_versioned else OTHERS
    return answer


@lru_cache(FILES)
def _compressed(path: str) -> bytes | None:
    found = finders.find(path)
    return gzip.compress(Path(found).read_bytes(), 9, mtime=0) if isinstance(found, str) else None
