"""Answers with a file or a part of it, as HTTP clients ask for it that go on where they were cut off.

Format: RFC 9110, sections 13 and 14. One range at a time; of several, all of the file is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

CHUNK = 256 * 1024  # bytes
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True)
class Part:
    """From the first byte to the last, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class NotThere(Exception):
    """No byte of the file is in the range."""


def wanted_part(request: HttpRequest, size: int, etag: str) -> Part | None:
    """The part that the request asks for, None for all. Raises NotThere."""
    found = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or found[1] == found[2] == "" or request.headers.get("If-Range", etag) != etag:
        return None
    if found[1]:
        part = Part(int(found[1]), min(int(found[2] or size), size - 1))
    else:
        part = Part(max(size - int(found[2]), 0), size - 1)
    if found[1] and found[2] and int(found[2]) < int(found[1]):
        return None  # nonsense counts as not sent
    if part.first >= size or part.length <= 0:
        raise NotThere
    return part


def answer_with(request: HttpRequest, file: BinaryIO, *, size: int, etag: str, kind: str) -> HttpResponseBase:
    """The file as the request wants it. `etag` comes with its quotes. The file is closed at the end."""
    response = _answer(request, file, size, etag)
    response["Content-Type"] = kind
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    return response


def _answer(request: HttpRequest, file: BinaryIO, size: int, etag: str) -> HttpResponseBase:
    """What the client has, or wants to go on with, counts before the part that it asks for (RFC 9110, 13.2.2)."""
    if "If-Match" in request.headers and not {etag, "*"} & _listed(request.headers["If-Match"]):
        return _without_body(file, HttpResponse(status=412), {})
    known = {each.removeprefix("W/") for each in _listed(request.headers.get("If-None-Match", ""))}
    if {etag, "*"} & known:
        return _without_body(file, HttpResponse(status=304), {})
    try:
        part = wanted_part(request, size, etag)
    except NotThere:
        return _without_body(file, HttpResponse(status=416), {"Content-Range": f"bytes */{size}"})
    if part is None:
        headers = {"Content-Length": str(size)}
        if request.method == "HEAD":
            return _without_body(file, HttpResponse(), headers)
        return FileResponse(file, headers=headers)
    headers = {
        "Content-Length": str(part.length),
        "Content-Range": f"bytes {part.first}-{part.last}/{size}",
    }
    if request.method == "HEAD":
        return _without_body(file, HttpResponse(status=206), headers)
    return StreamingHttpResponse(_read(file, part), status=206, headers=headers)


def _listed(etags: str) -> set[str]:
    return {each.strip() for each in etags.split(",")}


def _without_body(file: BinaryIO, response: HttpResponse, headers: dict[str, str]) -> HttpResponse:
    file.close()
    for name, value in headers.items():
        response[name] = value
    return response


def _read(file: BinaryIO, part: Part) -> Iterator[bytes]:
    with file:
        file.seek(part.first)
        left = part.length
        while left and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
