"""A collection as its pages show it: which version, where, and what one may do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from cartwheel.kit.errors import Denied, NotFound
from cartwheel.registry.collections import find_version_in, versions_in
from cartwheel.registry.contents import MODIFY
from cartwheel.registry.deletion import require_delete
from cartwheel.registry.deprecation import require_deprecate
from cartwheel.registry.models import (
    CollectionVersion,
    Deprecation,
    Namespace,
    Repository,
    RepositoryContent,
    User,
)
from cartwheel.registry.permissions import allows
from cartwheel.registry.search import Criteria, details, find
from cartwheel.web.content.finding import find_repository, path_of, readable
from cartwheel.web.content.safe import web_address

VERSIONS = 200  # that can be chosen on the page; all are on the page of versions
UPLOAD = "galaxy.upload_to_namespace"


@dataclass(frozen=True)
class Rights:
    """What somebody may do with a collection in a repository."""

    deprecate: bool
    delete: bool
    modify: bool
    upload: bool


@dataclass(frozen=True)
class Shown:
    """One version of a collection in one repository, for one person."""

    version: CollectionVersion
    repository: Repository
    base_path: str | None
    highest: str
    others: tuple[str, ...]  # versions in this repository, the highest first
    is_deprecated: bool
    elsewhere: tuple[Repository, ...]  # other repositories that hold this version

    @property
    def name(self) -> str:
        return f"{self.version.namespace}.{self.version.name}"

    @property
    def is_highest(self) -> bool:
        return self.version.version == self.highest

    @property
    def query(self) -> str:
        """Names the version in addresses, unless it is the highest."""
        return "" if self.is_highest else f"?{urlencode({'version': self.version.version})}"

    @property
    def links(self) -> list[tuple[str, str]]:
        said = self.version
        named = (
            (gettext("Homepage"), said.homepage),
            (gettext("Documentation"), said.documentation),
            (gettext("Repository"), said.origin_repository),
            (gettext("Issues"), said.issues),
        )
        return [(name, address) for name, text in named if (address := web_address(text))]

    @property
    def download(self) -> str:
        if self.base_path is None:
            return ""
        root = f"{settings.CONFIG.api_prefix}v3/plugin/ansible/content/{self.base_path}"
        return f"{root}/collections/artifacts/{self.version.filename}"

    def server(self, origin: str) -> str:
        """The address that clients install from; nothing if no path serves the repository."""
        return f"{origin}{settings.CONFIG.api_prefix}content/{self.base_path}/" if self.base_path else ""

    @property
    def requirement(self) -> str:
        """Names just this version, as `ansible-galaxy collection install` wants it."""
        return f"{self.name}:=={self.version.version}"

    def address(self, page: str = "collection") -> str:
        """The address of one of its pages, for this version."""
        return self._bare(page) + self.query

    def _bare(self, page: str) -> str:
        return reverse(page, args=(self.repository, self.version.namespace, self.version.name))

    @property
    def bare_address(self) -> str:
        return self._bare("collection")

    highest_address = bare_address

    @property
    def docs_base(self) -> str:
        """Where the documentation of its contents is; their types and names follow."""
        return self._bare("collection-docs")

    @property
    def deprecation(self) -> str:
        return self._bare("collection-deprecation")

    @property
    def deletion(self) -> str:
        return self._bare("collection-deletion")

    @property
    def version_deletion(self) -> str:
        return f"{self.deletion}?{urlencode({'version': self.version.version})}"


def find_shown(
    repository: str, namespace: str, name: str, wanted: str, user: User, *, also: tuple[str, ...] = ()
) -> Shown:
    """The wanted version, or the highest one. Raises Http404. Seven statements."""
    where = find_repository(repository, user)
    known = list(versions_in(where, namespace, name).values_list("version", flat=True)[:VERSIONS])
    if not known:
        raise Http404
    try:
        version = find_version_in(where, namespace, name, wanted or known[0], also=also)
    except NotFound:
        raise Http404 from None
    return Shown(
        version=version,
        repository=where,
        base_path=path_of(where),
        highest=known[0],
        others=tuple(known),
        is_deprecated=Deprecation.objects.filter(repository=where, collection=version.collection).exists(),
        elsewhere=tuple(readable(user).filter(contents__in=_placed(version)).exclude(pk=where.pk).distinct()),
    )


def _placed(version: CollectionVersion) -> QuerySet[RepositoryContent]:
    return RepositoryContent.objects.filter(collection_version=version, removed=None)


def rights(shown: Shown, user: User) -> Rights:
    namespace = Namespace.objects.filter(name=shown.version.namespace).first()
    return Rights(
        deprecate=_is_allowed(lambda: require_deprecate(shown.version.collection, shown.repository, by=user)),
        delete=_is_allowed(lambda: require_delete(shown.version.namespace, by=user)),
        modify=allows(user, MODIFY, shown.repository),
        upload=namespace is not None and allows(user, UPLOAD, namespace),
    )


def _is_allowed(ask: Any) -> bool:
    try:
        ask()
    except Denied:
        return False
    return True


def used_by(shown: Shown, user: User) -> list[dict[str, Any]]:
    """The collections in repositories that the user may read whose highest version there needs this one."""
    found = find(Criteria(dependency=shown.name, is_highest=True, order="namespace"), by=user)
    rows = details(list(found.values_list("pk", flat=True)[:VERSIONS]), repository_version=None)
    known = Repository.objects.in_bulk({row["repository_id"] for row in rows})
    return [
        {
            **row,
            "repository": known[row["repository_id"]],
            "address": reverse(
                "collection", args=(known[row["repository_id"]], row["namespace"], row["name"])
            ),
            "range": row["dependencies"][shown.name],
        }
        for row in rows
    ]


def dependency_rows(shown: Shown) -> list[dict[str, Any]]:
    """What this version needs: each with whether the same repository has it."""
    wanted = shown.version.dependencies if isinstance(shown.version.dependencies, dict) else {}
    placed = RepositoryContent.objects.filter(repository=shown.repository, removed=None)
    names = placed.filter(
        collection__namespace__in={name.partition(".")[0] for name in wanted},
    ).values_list("collection__namespace", "collection__name")
    here = {f"{namespace}.{name}" for namespace, name in names.distinct()}
    return [
        {
            "name": name,
            "namespace": name.partition(".")[0],
            "short": name.partition(".")[2],
            "range": spec,
            "is_here": name in here,
        }
        for name, spec in sorted(wanted.items())
    ]
