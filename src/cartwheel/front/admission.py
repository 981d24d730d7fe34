"""Who may send how much: decided before it is read, as all of it may be kept on the disk."""

from __future__ import annotations

import io
import json

from django.conf import settings
from django.http import parse_cookie
from django.urls import Resolver404, resolve

from cartwheel.api.refusals import refusal
from cartwheel.api.upload_parser import UploadParser
from cartwheel.front.bodies import IN_MEMORY
from cartwheel.front.bridge import Answer, Bridge, Scope
from cartwheel.kit.errors import TooLarge
from cartwheel.web.views.content.upload import UploadPage


class Refused(Exception):
    """A body is not wanted; carries what is answered instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Admission:
    """Where files are taken, from whom, and how long all else may be. `limit` are bytes of a file with what is around it."""

    def __init__(self, bridge: Bridge, limit: int) -> None:
        self._bridge = bridge
        self._limit = limit

    async def allowed(self, scope: Scope, size: int) -> int:
        """How long the request's body may be, which is at least of that size. Raises Refused.

        Who is not signed in is told so by the address itself, which is asked without a body.
        """
        if size <= IN_MEMORY and has_credentials(scope):
            return IN_MEMORY  # so much costs nothing, and Django will ask who it is
        is_upload = takes_files(scope["path"])
        limit = self._limit if is_upload else min(self._limit, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        if size > limit:
            problem = TooLarge(
                f"Send at most {limit >> 20} MiB at once{'' if is_upload else ', but for files'}."
            )
            document = json.dumps(refusal(scope["path"], problem)).encode()
            raise Refused(Answer(413, [(b"content-type", b"application/json")], document))
        if size > IN_MEMORY:
            await self._require_somebody(scope)
        elif is_upload:
            raise Refused(await self._bridge.call(scope, io.BytesIO()))
        return limit if size > IN_MEMORY else IN_MEMORY

    async def _require_somebody(self, scope: Scope) -> None:
        """Raises Refused where a password, token or session is missing or wrong."""
        path = f"{settings.CONFIG.api_prefix}_ui/v2/me/"
        oneself = scope | {"method": "GET", "path": path, "query_string": b""}
        answer = await self._bridge.call(oneself, io.BytesIO())
        if answer.status in (401, 403):
            raise Refused(await self._bridge.call(scope, io.BytesIO()))
        if answer.status >= 400:
            raise Refused(answer)


def takes_files(path: str) -> bool:
    """Does what stands at that address take files?"""
    try:  # with the slash that it may lack, and be sent on to
        view = getattr(resolve(f"{path.rstrip('/')}/").func, "view_class", None)
    except Resolver404:
        return False
    return view is UploadPage or UploadParser in getattr(view, "parser_classes", ())


def has_credentials(scope: Scope) -> bool:
    """Does the request say who sends it, whether or not that is true?"""
    return any(
        name == b"authorization"
        or (name == b"cookie" and settings.SESSION_COOKIE_NAME in parse_cookie(value.decode("latin-1")))
        for name, value in scope["headers"]
    )
