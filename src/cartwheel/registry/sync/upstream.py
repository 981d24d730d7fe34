"""What a server has, as Galaxy's API, version 3, tells it. Nothing that it says is believed unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from django.utils.dateparse import parse_datetime

from cartwheel.kit.filenames import NAME_LIMIT
from cartwheel.kit.versions import is_version
from cartwheel.registry.sync.client import Client, NotThere
from cartwheel.registry.sync.errors import UpstreamProblem, plain

PAGE = 100  # items asked for at once
PAGES_LIMIT = 10_000
VERSIONS_LIMIT = 20_000  # of one collection
DEPENDENCIES_LIMIT = 1000
NAME = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Listed:
    """A collection that the server has, and where it lists the versions."""

    name: str  # namespace.name
    versions_url: str
    is_deprecated: bool


@dataclass(frozen=True)
class Offer:
    """A version that the server has, and where its tarball is."""

    name: str  # namespace.name
    version: str
    sha256: str
    size: int  # bytes
    url: str
    dependencies: Mapping[str, str]
    is_signed: bool

    @property
    def filename(self) -> str:
        return f"{self.name.replace('.', '-', 1)}-{self.version}.tar.gz"

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Upstream:
    """Its methods ask the server; call them in threads. `discover` comes first."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.root = client.account.url
        self.v3 = ""

    def discover(self) -> None:
        """Find where version 3 of the API is. Raises UpstreamProblem."""
        given = self.root if self.root.endswith("/") else f"{self.root}/"
        for url in (given, urljoin(given, "api/")):
            try:
                final, said = self.client.json(url)
            except NotThere:
                continue
            versions = said.get("available_versions") if isinstance(said, dict) else None
            v3 = versions.get("v3") if isinstance(versions, dict) else None
            if isinstance(v3, str):
                self.v3 = _joined(final if final.endswith("/") else f"{final}/", v3.rstrip("/") + "/")
                return
        raise UpstreamProblem(f"{plain(self.root)} is no server of Galaxy's API, version 3. Check the URL.")

    def published(self, url: str) -> tuple[str, datetime] | None:
        """When its content has changed last, and where it says so; None if it does not say."""
        try:
            final, said = self.client.json(url)
        except NotThere:
            return None
        text = said.get("published") if isinstance(said, dict) else None
        try:
            moment = parse_datetime(text) if isinstance(text, str) else None
            return (final, moment.astimezone(UTC)) if moment is not None and moment.tzinfo else None
        except (ValueError, OverflowError):
            return None

    def collections(self) -> Iterator[Listed]:
        """All that it has."""
        for base, item in self._items(f"{self.v3}collections/"):
            yield self._listed(base, item)

    def collection(self, name: str) -> Listed | None:
        """One, by its namespace.name; None if it is not there."""
        namespace, _, short = name.partition(".")
        try:
            final, said = self.client.json(f"{self.v3}collections/{namespace}/{short}/")
        except NotThere:
            return None
        found = self._listed(final, said)
        if found.name != name:
            raise self._lie(f"gives {found.name} when asked for {name}")
        return found

    def versions(self, listed: Listed) -> dict[str, str]:
        """The versions of a collection, each with the address that tells more of it."""
        found = {}
        for base, item in self._items(listed.versions_url):
            version, href = item.get("version"), item.get("href")
            if not isinstance(version, str) or not is_version(version) or not isinstance(href, str):
                raise self._lie(f"lists a version of {listed.name} that is none: {str(version)[:100]!r}")
            found[version] = _joined(base, href)
            if len(found) > VERSIONS_LIMIT:
                raise self._lie(f"lists more than {VERSIONS_LIMIT} versions of {listed.name}")
        return found

    def offer(self, name: str, version: str, url: str) -> Offer:
        """All that has to be known of a version."""
        final, said = self.client.json(url)
        artifact = said.get("artifact") if isinstance(said, dict) else None
        if not isinstance(artifact, dict):
            raise self._lie(f"does not say which file {name} {version} is")
        sha256, size, address = artifact.get("sha256"), artifact.get("size"), said.get("download_url")
        if said.get("version") != version or not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
            raise self._lie(f"gives no sha256 for {name} {version}, or that of another version")
        if not isinstance(size, int) or not 0 <= size < 1 << 53 or not isinstance(address, str):
            raise self._lie(f"gives no size or no address for the file of {name} {version}")
        return Offer(
            name=name,
            version=version,
            sha256=sha256,
            size=size,
            url=_joined(final, address),
            dependencies=self._dependencies(name, version, said),
            is_signed=bool(said.get("signatures")),
        )

    def _dependencies(self, name: str, version: str, said: Mapping[str, Any]) -> dict[str, str]:
        metadata = said.get("metadata")
        found = metadata.get("dependencies") if isinstance(metadata, dict) else None
        if found is None:
            return {}
        is_right = isinstance(found, dict) and len(found) <= DEPENDENCIES_LIMIT
        if not is_right or not all(isinstance(each, str) for each in found.values()):
            raise self._lie(f"gives dependencies of {name} {version} that are none")
        return dict(found)

    def _listed(self, base: str, item: Any) -> Listed:
        if not isinstance(item, dict):
            raise self._lie("lists a collection that is no object")
        namespace, name, address = item.get("namespace"), item.get("name"), item.get("versions_url")
        if isinstance(namespace, dict):
            namespace = namespace.get("name")
        for each in (namespace, name):
            if not isinstance(each, str) or not NAME.fullmatch(each) or len(each) > NAME_LIMIT:
                raise self._lie(f"lists a collection with a name that is none: {str(each)[:100]!r}")
        if not isinstance(address, str):
            raise self._lie(f"does not say where the versions of {namespace}.{name} are")
        return Listed(f"{namespace}.{name}", _joined(base, address), item.get("deprecated") is True)

    def _items(self, url: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every item of a list, page by page, with the address of its page. Raises for a list without end."""
        next_url: str | None = _with_query(url, {"limit": str(PAGE)})
        seen: set[str] = set()
        promised, count = None, 0
        while next_url is not None:
            if next_url in seen or len(seen) >= PAGES_LIMIT:
                raise self._lie(f"lists {plain(url)} without end")
            seen.add(next_url)
            final, said = self.client.json(next_url)
            items, next_link, total = _page(said)
            if items is None:
                raise self._lie(f"does not answer with a list at {plain(final)}")
            promised = total if promised is None else promised
            count += len(items)
            if promised is not None and count > 2 * promised + 10 * PAGE:
                raise self._lie(f"lists more at {plain(url)} than the {promised} that it says it has")
            for item in items:
                if not isinstance(item, dict):
                    raise self._lie(f"lists at {plain(final)} what is no object")
                yield final, item
            if next_link and not items:
                raise self._lie(f"lists {plain(url)} without end")
            next_url = _joined(final, next_link) if next_link else None

    def _lie(self, what: str) -> UpstreamProblem:
        return UpstreamProblem(f"{self.client.fence.home.host} {what}.")


def _page(said: Any) -> tuple[list[Any] | None, str | None, int | None]:
    """Items, the address of the next page, and how many there are in all: in Galaxy's form or in Pulp's."""
    if not isinstance(said, dict):
        return None, None, None
    links, meta = said.get("links"), said.get("meta")
    items = said.get("data") if "data" in said else said.get("results")
    following = links.get("next") if isinstance(links, dict) else said.get("next")
    total = meta.get("count") if isinstance(meta, dict) else said.get("count")
    return (
        items if isinstance(items, list) else None,
        following if isinstance(following, str) and following else None,
        total if isinstance(total, int) else None,
    )


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        raise UpstreamProblem(f"{plain(base)} names an address that is none.") from None


def _with_query(url: str, query: dict[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))
