"""The documentation of plugins, read from their sources and never by running them.

The form is that of `ansible-doc --json` as galaxy-importer keeps it: what ansible-doc gives as objects
(options, return values) are lists here, sorted, each element with its name.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import Any

from cartwheel.kit.python_text import literal, statements, text_literal
from cartwheel.kit.texts import storable
from cartwheel.kit.versions_added import note_collection_of_returns
from cartwheel.kit.yaml_text import Budget, load, plain

SOURCE_LIMIT = 2 << 20  # bytes of a plugin; documentation in a larger one is not read
VARIABLES = ("DOCUMENTATION", "EXAMPLES", "RETURN")

_ASSIGNED = re.compile(
    r"^(DOCUMENTATION|EXAMPLES|RETURN)\b(?:[ \t]*=[ \t]*([rRuU]?(?:\"\"\"|'''|[\"'])))?", re.M
)
_METADATA = re.compile(r"^ANSIBLE_METADATA[ \t]*=[ \t]*(\{[^{}]{0,2000}\})", re.M)
_REST_OF_LINE = re.compile(r"[ \t]*(?:#.*)?$", re.M)
_ENDS = {quote: re.compile(rf"\\.|{quote}", re.S) for quote in ('"""', "'''", '"', "'")}


@dataclass(frozen=True)
class PluginDocs:
    """What a source says: its documentation and return values as JSON, its examples as text."""

    documentation: dict[str, Any]
    examples: str | None = None
    returns: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None  # ANSIBLE_METADATA of old sources

    @property
    def summary(self) -> str | None:
        """The short description."""
        text = self.documentation.get("short_description")
        return text if isinstance(text, str) else None


def from_python(source: bytes, budget: Budget) -> PluginDocs | None:
    """What a Python file documents, or None if it does not. Raises BadYaml."""
    text = source.decode("utf-8", "replace")
    said = {
        name: value if isinstance(value, str) else plain(value, budget)
        for name, value in _said(text, budget).items()
    }
    docs = _docs(said, budget)
    return docs and replace(docs, metadata=_metadata(text, budget))


def from_yaml(source: bytes, budget: Budget) -> PluginDocs | None:
    """What a YAML file beside a plugin documents, or None if it does not. Raises BadYaml."""
    said = load(source.decode("utf-8", "replace"), budget=budget)
    return _docs(said, budget) if isinstance(said, dict) else None


def _docs(said: dict[str, Any], budget: Budget) -> PluginDocs | None:
    documentation = _mapping(said.get("DOCUMENTATION"), budget)
    if documentation is None:
        return None
    examples = said.get("EXAMPLES")
    return PluginDocs(
        documentation,
        storable(examples) if isinstance(examples, str) else None,
        _mapping(said.get("RETURN"), budget),
    )


def _mapping(value: Any, budget: Budget) -> dict[str, Any] | None:
    if isinstance(value, str):
        value = load(value, budget=budget)
    return value if isinstance(value, dict) else None


def _metadata(source: str, budget: Budget) -> dict[str, Any] | None:
    """What old sources say of their maturity: a plain object of texts and lists of texts."""
    found = _METADATA.search(source)
    if found is None:
        return None
    budget.spend(len(found[1]))
    said = literal(found[1])
    return (
        said
        if isinstance(said, dict) and all(_is_plain(each) for item in said.items() for each in item)
        else None
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return isinstance(value, str)


def _said(source: str, budget: Budget) -> dict[str, Any]:
    """What is assigned to the variables of documentation: texts, or objects.

    Nearly always they are plain literals at the start of a line, which is ten times quicker than to
    parse the source. Where one is anything else, the source is parsed.
    """
    found: dict[str, Any] = {}
    position = 0
    while match := _ASSIGNED.search(source, position):
        name, opening = match.groups()
        end = _end_of_literal(source, match.end(), opening) if opening else None
        said = None if end is None else text_literal(source[match.start(2) : end], budget)
        if end is None or said is None:
            return _parsed(source, budget)
        found[name] = said
        position = end
    return found


def _end_of_literal(source: str, start: int, opening: str) -> int | None:
    """Where the literal ends, if nothing but a comment follows it in its line."""
    marks = _ENDS[opening.lstrip("rRuU")].finditer(source, start)
    end = next((mark.end() for mark in marks if not mark[0].startswith("\\")), None)
    return end if end is not None and _REST_OF_LINE.match(source, end) else None


def _parsed(source: str, budget: Budget) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for statement in statements(source, budget):
        for name in _assigned_names(statement):
            if name in VARIABLES and isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
                found[name] = literal(statement.value)
    return {name: said for name, said in found.items() if said and isinstance(said, str | dict)}


def _assigned_names(statement: ast.stmt) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


@dataclass(frozen=True)
class Place:
    """Where a plugin stands: in the collection `collection`, under `path`, as plugin `name` of a type."""

    collection: str
    path: str
    name: str
    has_action: bool | None = None  # is there an action plugin of that name? Asked for modules only


def finished(docs: PluginDocs, place: Place) -> dict[str, Any]:
    """The documentation as clients are given it, where doc fragments are merged in already."""
    doc, returns = docs.documentation, docs.returns
    note_collection_of_returns(returns, place.collection)
    options = doc.get("options")
    if isinstance(options, dict):
        doc = {**doc, "options": _named(options, "suboptions")}
    # ansible-doc names the file as it found it, unpacked somewhere.
    told = {
        **doc,
        "filename": f"<tmp>/ansible_collections/{place.collection.replace('.', '/')}/{place.path}",
        "collection": place.collection,
        "plugin_name": f"{place.collection}.{place.name}",
    }
    if place.has_action is not None:
        told["has_action"] = place.has_action
    return {
        "doc": told,
        "return": _named(returns, "contains") if returns else returns,
        "examples": docs.examples,
        "metadata": docs.metadata,
    }


def _named(items: dict[str, Any], nested: str) -> list[dict[str, Any]]:
    """An object of objects as a list, sorted by name; and so below the key `nested`."""
    named = []
    for name in sorted(items):
        item: dict[str, Any] = {"name": name}
        if isinstance(items[name], dict):
            item.update(items[name])
        below = item.get(nested)
        if isinstance(below, dict):
            item[nested] = _named(below, nested)
        named.append(item)
    return named
