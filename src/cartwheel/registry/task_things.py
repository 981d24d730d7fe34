"""What the arguments of tasks name, found for many tasks at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from django.db.models import Model

from cartwheel.kit.ids import is_uuid
from cartwheel.registry.models import (
    Collection,
    CollectionVersion,
    Distribution,
    Namespace,
    RepositoryVersion,
)

M = TypeVar("M", bound=Model)

NAMING = frozenset({  # arguments that name something; others can be lists of thousands of contents
    "repository_id", "repository_pk", "repository", "repository_version", "staging_id", "published_id",
    "source_id", "destination_id", "destination_ids", "collection_id", "version_id", "identifier",
    "remote_pk", "deprecate", "recommend",
})  # fmt: skip
JOINED: dict[type[Model], tuple[str, ...]] = {
    RepositoryVersion: ("repository",),
    Distribution: ("repository", "repository_version__repository"),
}


class Things:
    """What the arguments name. One statement for each kind that is asked for, however many tasks."""

    def __init__(self, given: Iterable[Mapping[str, Any]]) -> None:
        self._ids = {each for arguments in given for each in _named(arguments)}
        self._found: dict[type[Model], dict[str, Any]] = {}
        self._namespaces: dict[type[Model], dict[str, Namespace]] = {}

    def find(self, model: type[M], identifier: Any) -> M | None:
        found: M | None = self._all(model).get(str(identifier))
        return found

    def namespace_of(
        self, model: type[Collection] | type[CollectionVersion], identifier: Any
    ) -> Namespace | None:
        if model not in self._namespaces:
            names = {each.namespace for each in self._all(model).values()}
            self._namespaces[model] = {each.name: each for each in Namespace.objects.filter(name__in=names)}
        found = self.find(model, identifier)
        return self._namespaces[model].get(found.namespace) if found else None

    def _all(self, model: type[Model]) -> dict[str, Any]:
        if model not in self._found:
            rows = model._default_manager.filter(pk__in=self._ids).select_related(*JOINED.get(model, ()))
            self._found[model] = {str(row.pk): row for row in rows}
        return self._found[model]


def _named(arguments: Mapping[str, Any]) -> Iterator[str]:
    for name, value in arguments.items():
        if isinstance(value, Mapping):
            yield from _named(value)
        elif name in NAMING:
            ids = map(str, value if isinstance(value, list) else [value])
            yield from filter(is_uuid, ids)
