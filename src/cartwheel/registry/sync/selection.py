"""Which of the versions that a server has are wanted, and what they need in turn."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from semantic_version import Version

from cartwheel.kit.requirements import Requirement, parse_requirements
from cartwheel.kit.versions import is_range, matches
from cartwheel.registry.models import CollectionRemote
from cartwheel.registry.sync.errors import UpstreamProblem
from cartwheel.registry.sync.threads import Threads
from cartwheel.registry.sync.upstream import Listed, Offer, Upstream

COLLECTIONS_LIMIT = 200_000  # that a server may list
# That are looked at for the remote's requirements, and what those need in turn. A server that invents
# them has no end; Galaxy has some thousands in all.
REQUIRED_LIMIT = 30_000
OFFERS_LIMIT = 500_000  # versions that are looked at in one sync

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """What a remote asks for; `requirements` None means all that its server has."""

    requirements: list[Requirement] | None
    with_dependencies: bool
    signed_only: bool
    highest: int | None  # so many versions of each collection, the highest ones

    @classmethod
    def of(cls, remote: CollectionRemote) -> Wish:
        """Raises BadRequirements."""
        text = remote.requirements_file
        return cls(
            requirements=parse_requirements(text) if text else None,
            with_dependencies=remote.sync_dependencies,
            signed_only=remote.signed_only,
            highest=remote.sync_highest_versions,
        )


@dataclass
class Selection:
    """What was found to be wanted: offers by "name version", and what the server deprecates or does not."""

    offers: dict[str, Offer] = field(default_factory=dict)
    deprecated: dict[str, bool] = field(default_factory=dict)  # by namespace.name


@dataclass
class _Collection:
    """A collection as the server lists it; its versions once they are known."""

    listed: Listed
    versions: dict[str, str]  # version -> address


class Selector:
    """Asks the server for what is wished, several things at once."""

    def __init__(
        self,
        threads: Threads,
        upstream: Upstream,
        wish: Wish,
        *,
        found: Callable[[int], None],
        done: Callable[[], None],
    ) -> None:
        """`found` is told of more versions to look at, `done` of each that was looked at."""
        self._threads = threads
        self._upstream = upstream
        self._wish = wish
        self._found = found
        self._done = done
        self._known: dict[str, _Collection | None] = {}
        self._offers = 0  # that were asked for
        self._host = threads.client.fence.home.host

    def select(self) -> Selection:
        """Raises UpstreamProblem, Stopped."""
        selection = Selection()
        if self._wish.requirements is None:
            self._take(selection, self._everything())
        else:
            self._require_one_server(self._wish.requirements)
            self._follow(selection, self._wish.requirements)
        for name, collection in self._known.items():
            if collection is not None:
                selection.deprecated[name] = collection.listed.is_deprecated
        return selection

    def _everything(self) -> list[tuple[_Collection, list[str]]]:
        listed = self._threads.one(lambda: list(self._bounded(self._upstream.collections())))
        unique = {each.name: each for each in listed}
        for each, versions in self._threads.each(self._upstream.versions, unique.values()):
            self._known[each.name] = _Collection(each, versions)
        return [
            (found, self._highest(found.versions))
            for name in unique
            if (found := self._known[name]) is not None
        ]

    def _bounded(self, found: Iterator[Listed]) -> Iterator[Listed]:
        for count, each in enumerate(found):
            if count >= COLLECTIONS_LIMIT:
                raise UpstreamProblem(f"{self._host} lists more than {COLLECTIONS_LIMIT} collections.")
            yield each

    def _follow(self, selection: Selection, requirements: Iterable[Requirement]) -> None:
        """Take what is required, then what that requires, and so on."""
        seen: set[tuple[str, str]] = set()
        following = deque((each, "") for each in requirements)
        while following:
            batch = [pair for pair in following if (pair[0].name, pair[0].versions) not in seen]
            seen.update((each.name, each.versions) for each, _ in batch)
            following.clear()
            self._learn({each.name for each, _ in batch})
            chosen = [
                (found, self._matching(found, each, why))
                for each, why in batch
                if (found := self._find(each, why))
            ]
            for offer in self._take(selection, chosen):
                if self._wish.with_dependencies:
                    following.extend((each, str(offer)) for each in _required_by(offer))

    def _require_one_server(self, requirements: Iterable[Requirement]) -> None:
        """Take nothing from here that was wanted from elsewhere: it may be another's of the same name.

        A source that is no URL names an entry of somebody's ansible.cfg, of which nothing is known here.
        """
        for each in requirements:
            host = _host(each.source or "")
            if host not in (None, self._host):
                raise UpstreamProblem(
                    f"The remote's requirements want {each.name} from {host}, but it has one server, "
                    f"{self._host}. Make a remote for the other one."
                )

    def _learn(self, names: set[str]) -> None:
        new = sorted(names - self._known.keys())
        if len(self._known) + len(new) > REQUIRED_LIMIT:
            raise UpstreamProblem(
                f"What the remote requires leads to more than {REQUIRED_LIMIT} collections of {self._host}. "
                "Require less, or switch off its dependencies."
            )
        for name, collection in self._threads.each(self._load, new):
            self._known[name] = collection

    def _load(self, name: str) -> _Collection | None:
        listed = self._upstream.collection(name)
        return None if listed is None else _Collection(listed, self._upstream.versions(listed))

    def _find(self, wanted: Requirement, why: str) -> _Collection | None:
        """Without a collection that the remote asks for, the sync fails; without one that others need, it warns."""
        found = self._known[wanted.name]
        if found is None and not why:
            raise UpstreamProblem(
                f"{self._host} has no collection {wanted.name}. Change the remote's requirements."
            )
        if found is None:
            log.warning("%s needs %s, which %s does not have", why, wanted.name, self._host)
        return found

    def _matching(self, found: _Collection, wanted: Requirement, why: str) -> list[str]:
        versions = self._highest(
            {each: url for each, url in found.versions.items() if matches(Version(each), wanted.versions)}
        )
        if not versions and not why:
            raise UpstreamProblem(
                f"{self._host} has no version of {wanted.name} that matches {wanted.versions}. "
                "Change the remote's requirements."
            )
        if not versions:
            log.warning(
                "%s needs %s %s, which %s does not have", why, wanted.name, wanted.versions, self._host
            )
        return versions

    def _highest(self, versions: Iterable[str]) -> list[str]:
        ordered = sorted(versions, key=Version, reverse=True)
        return ordered[: self._wish.highest] if self._wish.highest else ordered

    def _take(self, selection: Selection, chosen: Iterable[tuple[_Collection, list[str]]]) -> list[Offer]:
        """Look at versions that are not known yet and add them; gives the new ones."""
        wanted = {
            f"{found.listed.name} {version}": (found.listed.name, version, found.versions[version])
            for found, versions in chosen
            for version in versions
        }
        new = [each for key, each in wanted.items() if key not in selection.offers]
        self._offers += len(new)
        if self._offers > OFFERS_LIMIT:
            raise UpstreamProblem(
                f"{self._host} has more than {OFFERS_LIMIT} versions of what the remote wants. Require less."
            )
        self._found(len(new))
        taken = []
        for _, offer in self._threads.each(lambda each: self._upstream.offer(*each), new):
            self._done()
            if self._wish.signed_only and not offer.is_signed:
                log.info("%s is not signed and left out", offer)
                continue
            selection.offers[str(offer)] = offer
            taken.append(offer)
        return taken


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _required_by(offer: Offer) -> Iterator[Requirement]:
    for name, versions in offer.dependencies.items():
        parts = name.split(".")
        if len(parts) == 2 and all(parts) and is_range(versions):
            yield Requirement(name, versions)
        else:
            log.warning("%s needs %s %s, which is no collection", offer, name[:200], versions[:200])
