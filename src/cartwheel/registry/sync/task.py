"""The task that syncs a repository, step by step.

Each tarball is imported as soon as it is there, but the repository gets them all at the end, in one new
version, or none: a sync that failed has changed nothing that anybody sees. What it had imported is found
again by the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db.models import F, Q, QuerySet

from cartwheel.engine.context import current_task
from cartwheel.engine.functions import Options, Retry, task
from cartwheel.kit.digests import Digests
from cartwheel.kit.errors import Invalid
from cartwheel.kit.filenames import parse_filename
from cartwheel.registry import general
from cartwheel.registry.artifacts import (
    delete_forgotten,
    fetched,
    keep_fetched,
    remove_unrecorded,
    send_fetched,
)
from cartwheel.registry.collections import HEAVY
from cartwheel.registry.imports import Found, VersionExists, find_or_make, read_tarball
from cartwheel.registry.many import many
from cartwheel.registry.models import (
    Collection,
    CollectionRemote,
    CollectionVersion,
    Repository,
    RepositoryVersion,
)
from cartwheel.registry.repositories import change_contents, changing, contents
from cartwheel.registry.repository_documents import Document
from cartwheel.registry.repository_versions import shown
from cartwheel.registry.sparing import SYNC, spare
from cartwheel.registry.store import StoreUnavailable
from cartwheel.registry.sync import reports
from cartwheel.registry.sync.account import account_of
from cartwheel.registry.sync.client import Client
from cartwheel.registry.sync.downloads import WrongFile, fetch, room_if_full
from cartwheel.registry.sync.errors import UpstreamProblem
from cartwheel.registry.sync.reports import ARTIFACTS, CONTENT, METADATA, Reports
from cartwheel.registry.sync.selection import Selection, Selector, Wish
from cartwheel.registry.sync.threads import Threads
from cartwheel.registry.sync.upstream import Offer, Upstream

LOOKED_UP = 200  # versions, or collections, that are looked for in one statement
NAMED = 5  # broken files that an error names; all are in the log
BROKEN_LIMIT = 20  # after so many, the rest is not tried
# What imports raise for a file that is to blame. Whatever else they raise, such as that the store is away, is the
# hub's own trouble: it ends the sync, and the next one finds the file where it is, but where the disk is full.
FAULTY = (Invalid, VersionExists)

T = TypeVar("T")

log = logging.getLogger(__name__)


class BrokenFiles(UpstreamProblem):
    """Some files are not what they should be. Nothing was added; the others need not be fetched again."""

    code = "upstream_broken_files"

    def __init__(self, host: str, problems: list[str]) -> None:
        more = f" And {len(problems) - NAMED} more, see the log." if len(problems) > NAMED else ""
        super().__init__(
            f"Nothing was added, as not all files of {host} can be imported: {' '.join(problems[:NAMED])}{more}"
        )


@dataclass(frozen=True)
class _Sync:
    """What a sync needs to know on its way."""

    repository: Repository
    remote: CollectionRemote
    wish: Wish
    mirror: bool
    optimize: bool

    @property
    def is_whole(self) -> bool:
        """Only then is it known that nothing is new when the server says that nothing has changed."""
        return self.wish.requirements is None

    @property
    def is_usual(self) -> bool:
        """Is it from the remote that the repository always syncs from?"""
        return self.repository.remote_id == self.remote.pk

    @property
    def is_as_left(self) -> bool:
        """Does the repository hold what the last sync left, and would a mirror hold no less?"""
        is_strict_enough = self.repository.synced_as_mirror or not self.mirror
        return self.repository.synced_number == self.repository.latest_number and is_strict_enough


@task(
    SYNC,
    title="Sync a repository",
    options=Options(repeatable=True, retry=Retry(on=(StoreUnavailable,), seconds=10)),
)
def sync(remote_pk: str, repository_pk: str, mirror: bool, optimize: bool) -> Document | None:
    """Fetch what a remote has into a repository; gives the version that it made, if any.

    The task must hold the repository alone.
    """
    remote = CollectionRemote.objects.filter(pk=remote_pk).first()
    repository = Repository.objects.filter(pk=repository_pk).first()
    if remote is None or repository is None:
        raise general.Gone("remote" if remote is None else "repository")
    _be_the_last_of(repository, remote)
    this = _Sync(repository, remote, Wish.of(remote), mirror, optimize)
    delete_forgotten()
    with Threads(Client(account_of(remote))) as threads:
        upstream = Upstream(threads.client)
        if _is_unchanged(this, threads, upstream):
            reports.no_change()
            return None
        made = _run(this, threads, upstream, Reports())
    return shown(made) if made else None


def _be_the_last_of(repository: Repository, remote: CollectionRemote) -> None:
    """Be their last sync, also if this task came from a schedule or repeats another; but of two, the later."""
    task = current_task()
    if task is None:
        return
    earlier = Q(last_sync_task=None) | Q(last_sync_task__lt=task.pk)
    Repository.objects.filter(earlier, pk=repository.pk).update(last_sync_task=task)
    CollectionRemote.objects.filter(earlier, pk=remote.pk).update(last_sync_task=task)


def _run(this: _Sync, threads: Threads, upstream: Upstream, told: Reports) -> RepositoryVersion | None:
    step = METADATA
    try:
        published = _discover(this, threads, upstream)
        selection = _select(this, threads, upstream, told)
        step = ARTIFACTS
        ids = _import_all(this, threads, selection, told)
        step = CONTENT
        made, count = _place(this, selection, ids, published)
        told.step(CONTENT, count)
    except Exception:  # whatever it is: the reports tell at which step, the task tells what
        told.fail(step)
        raise
    finally:
        told.forget()  # also where it is stopped
    told.complete()
    return made


def _is_unchanged(this: _Sync, threads: Threads, upstream: Upstream) -> bool:
    """Has nothing changed since the last sync, here and on the server? One request."""
    last, url = this.repository.last_synced_metadata_time, this.remote.metadata_url
    if not (this.optimize and this.is_whole and this.is_usual and this.is_as_left and last and url):
        return False
    said = threads.one(lambda: upstream.published(url))
    return said is not None and said[1] == last


def _discover(this: _Sync, threads: Threads, upstream: Upstream) -> tuple[str, datetime] | None:
    """Find the API, and what it says of its last change, before anything else is read."""
    threads.one(upstream.discover)
    if not this.is_whole:
        return None
    return threads.one(lambda: upstream.published(upstream.v3))


def _select(this: _Sync, threads: Threads, upstream: Upstream, told: Reports) -> Selection:
    selector = Selector(
        threads,
        upstream,
        this.wish,
        found=lambda more: told.add(METADATA, more),
        done=lambda: told.step(METADATA),
    )
    selection = selector.select()
    log.info("%d versions are wanted from %s", len(selection.offers), this.remote.url)
    return selection


def _import_all(this: _Sync, threads: Threads, selection: Selection, told: Reports) -> set[UUID]:
    """Have every version that is wanted; gives their ids. Raises BrokenFiles."""
    offers = list(selection.offers.values())
    ids, missing = _known(offers)
    if missing:
        told.add(ARTIFACTS, len(missing))
    problems: list[str] = []

    def attempt(offer: Offer) -> Digests | WrongFile:
        try:
            return fetch(threads.client, offer)[1]
        except WrongFile as problem:
            return problem

    with room_if_full(threads.client, missing):
        for offer, digests in threads.each(attempt, missing):
            try:
                if isinstance(digests, WrongFile):
                    raise digests
                ids.add(_have(threads, offer, digests, into=this.repository.pk, beside=ids))
            except (UpstreamProblem, *FAULTY) as problem:
                log.error("%s: %s", offer, problem.message)
                problems.append(f"{offer}: {problem.message}")
                if len(problems) >= BROKEN_LIMIT:
                    break
            told.step(ARTIFACTS)
    if problems:
        raise BrokenFiles(threads.client.fence.home.host, problems)
    return ids


def _known(offers: list[Offer]) -> tuple[set[UUID], list[Offer]]:
    """The ids of versions that the hub has already, with the same bytes, and the offers that it has not.

    Raises VersionExists where it has the version with others.
    """
    ids, missing = set(), []
    for some in _chunks(offers, LOOKED_UP):
        spare(_named(some))
        rows = _rows(some)
        for offer in some:
            known = rows.get((offer.name, offer.version))
            if known is None:
                missing.append(offer)
            elif known[1] != offer.sha256:
                raise VersionExists(offer.name, offer.version)
            else:
                ids.add(known[0])
    return ids, missing


def _named(offers: list[Offer]) -> QuerySet[CollectionVersion]:
    """The versions of these names, and a few more."""
    names = {offer.name.partition(".")[::2] for offer in offers}
    where = Q()
    for namespace in {namespace for namespace, _ in names}:
        where |= Q(namespace=namespace, name__in={name for space, name in names if space == namespace})
    return CollectionVersion.objects.filter(where, version__in={offer.version for offer in offers})


def _rows(offers: list[Offer]) -> dict[tuple[str, str], tuple[UUID, str]]:
    return {
        (f"{namespace}.{name}", version): (pk, sha256)
        for namespace, name, version, pk, sha256 in _named(offers).values_list(
            "namespace", "name", "version", "pk", "artifact__sha256"
        )
    }


def _have(threads: Threads, offer: Offer, digests: Digests, *, into: UUID, beside: set[UUID]) -> UUID:
    """Import what was fetched. Raises what imports of uploads raise."""
    bring = partial(_import, offer, into=into, beside=beside)
    try:
        return bring(digests)
    except FileNotFoundError:
        known = _imported_by_another(offer)
    if known is not None:
        return known
    try:
        return bring(threads.one(lambda: fetch(threads.client, offer)[1]))
    except FileNotFoundError:
        raise UpstreamProblem(f"The file of {offer} is gone before it was imported. Sync again.") from None


def _import(offer: Offer, digests: Digests, *, into: UUID, beside: set[UUID]) -> UUID:
    """Read a tarball and record the version. Raises FileNotFoundError if another sync has taken it."""
    path = fetched(digests.sha256)
    try:
        with path.open("rb") as packed:
            found = read_tarball(packed, parse_filename(offer.filename), into=into, beside=beside)
        version = _record(found, digests)
    except FAULTY:
        path.unlink(missing_ok=True)  # it would be as broken next time
        raise
    log.info("imported %s", offer)
    return version.pk


def _record(found: Found, digests: Digests) -> CollectionVersion:
    try:
        send_fetched(digests.sha256)
        with changing():
            return find_or_make(found, keep_fetched(digests))
    except BaseException:  # also where it is stopped: nobody else knows of the file
        remove_unrecorded(digests.sha256)
        raise


def _imported_by_another(offer: Offer) -> UUID | None:
    """What another sync made of the same file, which it has taken; None if nothing, as it was stopped."""
    remove_unrecorded(offer.sha256)  # it waits for whoever has the file to have written it down, or given up
    known = _rows([offer]).get((offer.name, offer.version))
    return known[0] if known is not None and known[1] == offer.sha256 else None


def _place(
    this: _Sync, selection: Selection, ids: set[UUID], published: tuple[str, datetime] | None
) -> tuple[RepositoryVersion | None, int]:
    """Let the repository have what was synced; gives its new version, and how many collection versions came."""
    with changing():
        here = set(contents(this.repository).values_list("pk", flat=True))
        gone = here - ids if this.mirror else set()
        deprecated = _collections(name for name, is_so in selection.deprecated.items() if is_so)
        recommended = _collections(name for name, is_so in selection.deprecated.items() if not is_so)
        made = change_contents(
            this.repository,
            add=_versions(ids - here),
            remove=_versions(gone),
            deprecate=deprecated,
            recommend=recommended,
        )
        if this.is_usual and this.is_whole:
            _remember(this, published)
    return made, len(ids - here)


def _remember(this: _Sync, published: tuple[str, datetime] | None) -> None:
    url, moment = published or ("", None)
    Repository.objects.filter(pk=this.repository.pk).update(
        last_synced_metadata_time=moment, synced_number=F("latest_number"), synced_as_mirror=this.mirror
    )
    CollectionRemote.objects.filter(pk=this.remote.pk).update(metadata_url=url[:2000])


def _versions(ids: set[UUID]) -> list[CollectionVersion]:
    """Raises Gone if one was deleted meanwhile."""
    found = list(CollectionVersion.objects.filter(pk__in=many(ids)).defer(*HEAVY))
    if len(found) < len(ids):
        raise general.Gone("collection version that was just imported")
    return found


def _collections(names: Iterable[str]) -> list[Collection]:
    found: list[Collection] = []
    for some in _chunks(names, LOOKED_UP):
        spaces, shorts = zip(*(each.split(".") for each in some), strict=True)
        rows = Collection.objects.filter(namespace__in=set(spaces), name__in=set(shorts))
        found += [each for each in rows if str(each) in some]
    return found


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
