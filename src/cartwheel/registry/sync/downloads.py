"""Fetching tarballs into the hub's own disk, each under its digest, so that none is fetched twice.

A file that is there in full is named for the digest that it was checked against. If the sync is stopped
or killed before it was imported, the next one finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError

from cartwheel.kit.digests import Digesting, Digests
from cartwheel.kit.errors import DISK_FULL, NoSpace
from cartwheel.registry.artifacts import PIECE, Upload, fetched
from cartwheel.registry.space import is_disk_full
from cartwheel.registry.sync.client import Client
from cartwheel.registry.sync.deadlines import Deadline
from cartwheel.registry.sync.errors import Again, UpstreamProblem, plain
from cartwheel.registry.sync.upstream import Offer


class WrongFile(UpstreamProblem):
    """What came is not what was promised."""

    code = "upstream_wrong_file"


def fetch(client: Client, offer: Offer) -> tuple[Path, Digests]:
    """Have the file of an offer, checked. Raises UpstreamProblem, NoSpace, Stopped."""
    path = fetched(offer.sha256)
    known = _known(path, offer)
    if known is not None:
        return path, known
    if offer.size > client.account.file_limit:
        raise WrongFile(
            f"{offer} has {offer.size} bytes; at most {client.account.file_limit} are taken "
            "(CARTWHEEL_UPLOAD_LIMIT_MB)."
        )
    digests: Digests = client.retrying(lambda: _fetch(client, offer))
    return path, digests


@contextmanager
def room_if_full(client: Client, offers: Iterable[Offer]) -> Iterator[None]:
    """Where the disk becomes full in here, delete what was fetched of these. Raises NoSpace then.

    The hub needs some room for all that it does, also to write how the sync ended.
    """
    try:
        yield
    except (NoSpace, DatabaseError) as problem:
        if not is_disk_full(problem):
            raise
        client.close()  # first: no more come then
        for each in offers:
            fetched(each.sha256).unlink(missing_ok=True)
        raise NoSpace(DISK_FULL) from problem


def _known(path: Path, offer: Offer) -> Digests | None:
    """The digests of a file that an earlier sync left."""
    digesting = Digesting()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digesting.update(piece)
    except FileNotFoundError:
        return None
    digests = digesting.result()
    return digests if digests.sha256 == offer.sha256 else None


def _fetch(client: Client, offer: Offer) -> Digests:
    upload = Upload()
    try:
        with client.stream(offer.url) as (url, response, deadline):
            for piece in response.iter_raw():
                upload.write(piece)
                _require_progress(upload.size, offer, url, deadline)
        digests = upload.finish()
        _require_promised(digests, offer, url)
        with client.pace.before_stop():
            upload.wait_as_fetched(offer.sha256)
    finally:
        upload.discard()
    return digests


def _require_progress(received: int, offer: Offer, url: str, deadline: Deadline) -> None:
    deadline.received(received)
    if received > offer.size:
        raise WrongFile(f"{plain(url)} sends more than the {offer.size} bytes that {offer} should have.")


def _require_promised(digests: Digests, offer: Offer, url: str) -> None:
    if digests.size < offer.size:
        short = f"{plain(url)} sends {digests.size} of the {offer.size} bytes that {offer} should have."
        raise Again(WrongFile(short))
    if digests.sha256 != offer.sha256:
        raise WrongFile(
            f"{plain(url)} sends a file that is not {offer}: its sha256 is {digests.sha256}, not {offer.sha256}."
        )
