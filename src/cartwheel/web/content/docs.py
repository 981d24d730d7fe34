"""The documentation of one plugin or role, made fit for a page.

It comes from strangers: nothing about its shape is taken for granted, and what does not fit is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.registry.models import CollectionVersion
from cartwheel.web.content.markup import to_html
from cartwheel.web.content.safe import shown_html

DEPTH = 6  # options within options
ITEMS = 2000  # options and return values of one plugin, with all below them
TEXT = 20_000  # characters of one paragraph
PLURALS = {
    "module": _("Modules"),
    "role": _("Roles"),
    "playbook": _("Playbooks"),
    "module_utils": _("Module utilities"),
}


@dataclass(frozen=True)
class Entry:
    """An option or a return value. `depth` is how far below others it stands."""

    name: str
    depth: int
    type: str
    is_required: bool
    facts: tuple[str, ...]
    description: tuple[SafeString, ...]
    choices: tuple[tuple[str, SafeString], ...]
    default: str
    sample: str


@dataclass(frozen=True)
class Docs:
    """What a plugin says of itself."""

    name: str
    type: str
    summary: SafeString
    deprecated: tuple[SafeString, ...]
    description: tuple[SafeString, ...]
    requirements: tuple[SafeString, ...]
    options: tuple[Entry, ...]
    notes: tuple[SafeString, ...]
    examples: str
    returns: tuple[Entry, ...]
    authors: tuple[str, ...]
    readme: SafeString


@dataclass(frozen=True)
class Shelf:
    """The contents of one type: (name, description)."""

    type: str
    items: tuple[tuple[str, str], ...]

    @property
    def heading(self) -> str:
        kind = self.type.replace("_", " ").capitalize()
        return str(PLURALS.get(self.type) or gettext("%(kind)s plugins") % {"kind": kind})


def shelves(contents: object) -> list[Shelf]:
    """What is in a collection, by type: modules first, roles next."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in _objects(contents):
        kind, name = _text(each.get("content_type")), _text(each.get("name"))
        if kind and name:
            found.setdefault(kind, []).append((name, _text(each.get("description"))))
    first = {"module": 0, "role": 1, "playbook": 3}
    return [
        Shelf(kind, tuple(found[kind])) for kind in sorted(found, key=lambda kind: (first.get(kind, 2), kind))
    ]


def find_docs(version: CollectionVersion, kind: str, name: str) -> Docs | None:
    """What a plugin or role says of itself, or None if there is none of that name.

    The whole documentation of a collection can be megabytes: only the one entry is read, which stands at
    the same place as in the list of contents.
    """
    for place, each in enumerate(_objects(version.contents)):
        if (each.get("content_type"), each.get("name")) == (kind, name):
            path = f"docs_blob__contents__{place}"
            said = CollectionVersion.objects.filter(pk=version.pk).values_list(path, flat=True).first()
            entry = said if isinstance(said, dict) and said.get("content_name") == name else {}
            return read_docs(kind, name, entry)
    return None


def read_docs(kind: str, name: str, entry: dict[str, Any]) -> Docs:
    strings = _object(entry.get("doc_strings"))
    doc = _object(strings.get("doc"))
    deprecated = _object(doc.get("deprecated"))
    return Docs(
        name=name,
        type=kind,
        summary=to_html(_text(doc.get("short_description"))),
        deprecated=tuple(_paragraphs([deprecated.get("why"), deprecated.get("alternative")])),
        description=tuple(_paragraphs(doc.get("description"))),
        requirements=tuple(_paragraphs(doc.get("requirements"))),
        options=tuple(_entries(doc.get("options"), "suboptions")),
        notes=tuple(_paragraphs(doc.get("notes"))),
        examples=_block(strings.get("examples")),
        returns=tuple(_entries(strings.get("return"), "contains")),
        authors=tuple(_text(each) for each in _list(doc.get("author"))),
        readme=shown_html(entry.get("readme_html")),
    )


def _entries(items: object, below: str) -> Iterator[Entry]:
    """All of them with what is below them, in the order in which they are read."""
    left = [(each, 0) for each in reversed(list(_objects(items)))]
    for _number in range(ITEMS):
        if not left:
            return
        item, depth = left.pop()
        yield _entry(item, depth)
        if depth < DEPTH:
            left += [(each, depth + 1) for each in reversed(list(_objects(item.get(below))))]


def _entry(item: dict[str, Any], depth: int) -> Entry:
    return Entry(
        name=_text(item.get("name")) or "?",
        depth=depth,
        type=" of ".join(filter(None, (_text(item.get("type")), _text(item.get("elements"))))),
        is_required=item.get("required") is True,
        facts=tuple(_facts(item)),
        description=tuple(_paragraphs(item.get("description"))),
        choices=tuple(_choices(item.get("choices"))),
        default=_value(item["default"]) if item.get("default") is not None else "",
        sample=_block(item["sample"]) if item.get("sample") is not None else "",
    )


def _facts(item: dict[str, Any]) -> Iterator[str]:
    if isinstance(item.get("returned"), str):
        yield gettext("returned: %(when)s") % {"when": _text(item["returned"])}
    if aliases := [_text(each) for each in _list(item.get("aliases"))]:
        yield gettext("also called %(names)s") % {"names": ", ".join(aliases)}
    if item.get("version_added") is not None:
        yield gettext("since %(version)s") % {"version": _text(item["version_added"])}


def _choices(choices: object) -> Iterator[tuple[str, SafeString]]:
    """A list of values, or an object of values and what they mean."""
    if isinstance(choices, dict):
        for value, meaning in list(choices.items())[:ITEMS]:
            yield _value(value), to_html(" ".join(_text(each) for each in _list(meaning)))
    else:
        for value in _list(choices):
            yield _value(value), SafeString()


def _paragraphs(value: object) -> Iterator[SafeString]:
    for each in _list(value):
        if text := _text(each):
            yield to_html(text)


def _list(value: object) -> list[Any]:
    """A single thing is a list of one; None is none."""
    if isinstance(value, list):
        return value[:ITEMS]
    return [] if value is None else [value]


def _objects(value: object) -> Iterable[dict[str, Any]]:
    return (each for each in _list(value) if isinstance(each, dict))


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value[:TEXT]
    return "" if isinstance(value, dict | list) or value is None else str(value)[:TEXT]


def _value(value: object) -> str:
    """As YAML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _block(value) if isinstance(value, dict | list) else _text(value)


def _block(value: object) -> str:
    if isinstance(value, str):
        return value.strip("\n")
    if isinstance(value, dict | list):
        return yaml.safe_dump(value, sort_keys=False, allow_unicode=True)[:TEXT].strip()
    return "" if value is None else _value(value)
