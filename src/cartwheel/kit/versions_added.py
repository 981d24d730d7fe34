"""Versions in documentation are those of a collection: it is noted of which.

The keys are ansible-doc's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def note_collection(doc: dict[str, Any], collection: str, *, is_module: bool) -> None:
    """Say whose versions they are, in all of a plugin's documentation. What is noted already stays."""
    _added(doc, collection)
    if isinstance(doc.get("deprecated"), dict):
        _removed(doc["deprecated"], collection, "removed_from_collection")
    _in_options(doc.get("options"), collection, is_module)
    for each in _objects(doc.get("attributes")):
        _added(each, collection)


def note_collection_of_returns(returns: Any, collection: str) -> None:
    """Likewise in the documentation of return values."""
    for each in _objects(returns):
        _added(each, collection)
        note_collection_of_returns(each.get("contains"), collection)


def _in_options(options: Any, collection: str, is_module: bool) -> None:
    for option in _objects(options):
        _added(option, collection)
        if not is_module:
            for key in ("env", "ini", "vars"):
                _in_sources(option.get(key), collection)
            if isinstance(option.get("deprecated"), dict):
                _removed(option["deprecated"], collection, "collection_name")
        _in_options(option.get("suboptions"), collection, is_module)


def _in_sources(sources: Any, collection: str) -> None:
    """Where else an option is taken from."""
    for each in sources if isinstance(sources, list) else ():
        if isinstance(each, dict):
            _added(each, collection)
            if isinstance(each.get("deprecated"), dict):
                _removed(each["deprecated"], collection, "collection_name")


def _added(item: dict[str, Any], collection: str) -> None:
    if "version_added" in item:
        item.setdefault("version_added_collection", collection)


def _removed(item: dict[str, Any], collection: str, key: str) -> None:
    if {"removed_in", "removed_at_date", "version"} & set(item):
        item.setdefault(key, collection)


def _objects(items: Any) -> Iterator[dict[str, Any]]:
    values: Iterable[Any] = items.values() if isinstance(items, dict) else ()
    return (each for each in values if isinstance(each, dict))
