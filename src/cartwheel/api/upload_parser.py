"""The bodies of uploads, as clients send them: streamed to disk, digested, and mended where they are odd.

* Forms are ordinary multipart, as browsers send them.
* ansible-galaxy quotes the boundary and sends the file in base64, which Django decodes.
* galaxykit leaves out the blank line in its first part, the checksum:

      --BOUNDARY
      Content-Disposition: form-data; name="sha256"
      <64 digits>
      --BOUNDARY
      Content-Disposition: file; name="file"; filename="acme-tools-1.0.0.tar.gz"
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser as DjangoParser
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, MultiPartParser

from cartwheel.kit.digests import Digests
from cartwheel.registry.artifacts import Upload

if TYPE_CHECKING:
    _UploadedFile = UploadedFile[bytes]
else:
    _UploadedFile = UploadedFile

HEAD = 1024  # bytes: galaxykit's first part is shorter
PIECE = 1 << 16  # bytes that are read at once; divisible by 4, for base64

_BROKEN = re.compile(
    rb'(--[^\r\n]{1,200}\r\nContent-Disposition: form-data; name="sha256"\r\n)([^\r\n:]*\r\n--)'
)


class UploadedArtifact(_UploadedFile):
    """An uploaded file in the artifact store's own file system. Closing it discards it, unless it was given away."""

    def __init__(self, upload: Upload, digests: Digests, name: str, content_type: str | None) -> None:
        super().__init__(io.BytesIO(), name, content_type, digests.size)
        self.upload = upload
        self.digests = digests

    def close(self) -> None:
        self.upload.discard()


class ArtifactHandler(FileUploadHandler):
    """Gives each file of a form to the artifact store as it arrives."""

    chunk_size = PIECE

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._upload: Upload | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._upload = Upload()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._upload is not None:
            self._upload.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedArtifact | None:
        upload, self._upload = self._upload, None
        if upload is None:
            return None
        return UploadedArtifact(upload, upload.finish(), self.file_name or "", self.content_type)

    def upload_interrupted(self) -> None:
        self.discard()

    def discard(self) -> None:
        """Forget a file that did not come to its end."""
        if self._upload is not None:
            self._upload.discard()


class UploadParser(MultiPartParser):
    """Takes the forms of uploads. Raises ParseError, and leaves nothing on disk then."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        request = (parser_context or {})["request"]
        handler = ArtifactHandler()
        meta = {**request.META, "CONTENT_TYPE": media_type}
        try:
            data, files = DjangoParser(meta, Mended(stream), [handler], "utf-8").parse()
        except (MultiPartParserError, SuspiciousOperation) as problem:
            handler.discard()
            raise ParseError(f"Multipart form parse error - {problem}") from None
        except BaseException:  # whatever it was, and it is raised on: nobody else knows of the files
            handler.discard()
            raise
        return DataAndFiles(data, files)


class Mended(io.BufferedIOBase):
    """A body as it is read, with the blank line in it that galaxykit leaves out of its first part."""

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream
        self._head: bytes | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        if self._head is None:
            self._head = _mended(self._read_head())
        if self._head:
            piece, self._head = self._head[:size], self._head[size:]
            return piece
        return self._stream.read(-1 if size is None else size) or b""

    def _read_head(self) -> bytes:
        head = b""
        while len(head) < HEAD and (piece := self._stream.read(HEAD - len(head))):
            head += piece
        return head


def _mended(head: bytes) -> bytes:
    broken = _BROKEN.match(head)
    return head if broken is None else broken[1] + b"\r\n" + head[broken.end(1) :]
