"""Doc fragments: documentation that plugins share, and how it is merged into theirs.

A plugin names fragments in `extends_documentation_fragment`: `namespace.name.fragment`, or with another
variable of it `namespace.name.fragment.variable`; without a collection, they are ansible-core's own. A
fragment is a class ModuleDocFragment in plugins/doc_fragments, whose variables are texts of YAML.

Format: docs.ansible.com, "Module format and documentation", documentation fragments.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cartwheel.kit.python_text import literal, statements
from cartwheel.kit.versions_added import note_collection
from cartwheel.kit.yaml_text import BadYaml, Budget, load

CLASS = "ModuleDocFragment"
MAIN = "DOCUMENTATION"
CORE = "ansible.builtin"
KEY = "extends_documentation_fragment"
NAMES_LIMIT = 100  # fragments that one plugin names
CORE_LIMIT = 16 << 20  # what may come out of one of ansible-core's, see yaml_text.Budget

Texts = dict[str, str]  # variable -> YAML
Lookup = Callable[[str, str], Mapping[str, str] | None]  # of a collection and the name of a fragment


def nowhere(collection: str, name: str) -> None:
    """Knows no fragments."""


def read_fragment(source: bytes, budget: Budget) -> Texts:
    """The texts of a fragment's variables, read from its source. Empty where there are none. Raises BadYaml."""
    found = {}
    for statement in statements(source.decode("utf-8-sig", "replace"), budget):
        if isinstance(statement, ast.ClassDef) and statement.name == CLASS:
            found.update(dict(_assigned(statement)))
    return found


@cache
def of_core(name: str) -> Texts | None:
    """A fragment of ansible-core, if that is installed beside the hub. It is read, and never run."""
    spec = find_spec("ansible")
    if spec is None or spec.origin is None or not name.isidentifier():
        return None
    path = Path(spec.origin).parent / "plugins" / "doc_fragments" / f"{name}.py"
    try:
        with path.open("rb") as file:
            return read_fragment(file.read(), Budget(CORE_LIMIT))
    except OSError:
        return None


def _assigned(body: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement in body.body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        text = literal(statement.value)
        for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
            if isinstance(target, ast.Name) and target.id.isupper() and isinstance(text, str):
                yield target.id, text


@dataclass(frozen=True)
class _Fragment:
    """A fragment that was found: whose it is, what it says, and what that weighs."""

    collection: str
    said: dict[str, Any]
    weight: int


@dataclass
class Fragments:
    """Finds fragments: of the collection at hand, which `own` has, or elsewhere."""

    collection: str
    own: Mapping[str, Mapping[str, str]]  # name -> texts
    elsewhere: Lookup
    budget: Budget
    _known: dict[tuple[str, bool], _Fragment | None] = field(default_factory=dict)

    def merged(self, documentation: dict[str, Any], *, is_module: bool) -> tuple[dict[str, Any], list[str]]:
        """The documentation with all that it extends, and the names of the fragments that were not found.

        Raises BadYaml where this comes to more than the budget allows, or one does not fit.
        """
        if KEY not in documentation:
            return documentation, []
        document = dict(documentation)
        unknown = []
        for name in _names(document.pop(KEY)):
            fragment = self._find(name, is_module)
            if fragment is None:
                unknown.append(name)
                continue
            self.budget.spend(fragment.weight)
            _merge(document, dict(fragment.said))
        return document, unknown

    def _find(self, name: str, is_module: bool) -> _Fragment | None:
        key = (name, is_module)
        if key not in self._known:
            self._known[key] = self._read(name, is_module)
        return self._known[key]

    def _read(self, name: str, is_module: bool) -> _Fragment | None:
        for collection, fragment, variable in _meanings(name, self.collection):
            texts = self._texts(collection, fragment)
            if texts is None or (variable != MAIN and variable not in texts):
                continue
            before = self.budget.left
            said = load(texts.get(variable, ""), budget=self.budget)
            if not isinstance(said, dict):
                return None
            note_collection(said, collection, is_module=is_module)
            return _Fragment(collection, said, before - self.budget.left)
        return None

    def _texts(self, collection: str, fragment: str) -> Mapping[str, str] | None:
        if collection == self.collection:
            # Where a.py stands beside b.py, Ansible finds the latter as a.b too.
            return self.own.get(fragment) or self.own.get(fragment.rpartition(".")[2])
        return self.elsewhere(collection, fragment)


def _names(given: Any) -> list[str]:
    listed = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else []
    return [each.strip() for each in listed[:NAMES_LIMIT] if isinstance(each, str) and each.strip()]


def _meanings(name: str, here: str) -> Iterator[tuple[str, str, str]]:
    """What a name may mean: collection, fragment, variable. A fragment goes before another's variable.

    A short name is ansible-core's, or else of the collection at hand.
    """
    parts = name.split(".")
    collection, inner = (".".join(parts[:2]), parts[2:]) if len(parts) > 2 else (CORE, parts)
    if collection == "ansible.legacy":
        collection = CORE
    for each in (collection, here) if inner is parts else (collection,):
        yield each, ".".join(inner), MAIN
        if len(inner) > 1:
            yield each, ".".join(inner[:-1]), inner[-1].upper()


def _merge(document: dict[str, Any], fragment: dict[str, Any]) -> None:
    """Merge a fragment into a document, as ansible-doc does. Raises BadYaml for what does not fit.

    Changes no objects further in, as many documents share them.
    """
    for key in ("notes", "seealso"):
        more = fragment.pop(key, None)
        if isinstance(more, list) and more:
            here = document.get(key) or []
            document[key] = [*here, *more] if isinstance(here, list) else more
    for key in ("options", "attributes"):
        more = fragment.pop(key, None)
        if more is None:
            continue
        here = document.get(key)
        if not isinstance(more, dict) or not isinstance(here, dict | None):
            raise BadYaml(f"{key} of a doc fragment do not fit")
        document[key] = _joined(here or {}, more)
    document.update(_joined(document, fragment))


def _joined(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Both: of objects that both have, mine has the last word; lists become one, sorted; a text is theirs."""
    found = dict(mine)
    for key, value in theirs.items():
        here = mine.get(key)
        if isinstance(here, dict) and isinstance(value, dict):
            found[key] = {**value, **here}
        elif isinstance(here, list) and isinstance(value, list):
            found[key] = _sorted_once([*value, *here])
        elif key in mine:
            raise BadYaml(f"{key} of a doc fragment does not fit")
        else:
            found[key] = value
    return found


def _sorted_once(items: list[Any]) -> list[Any]:
    if not all(isinstance(each, str) for each in items):
        raise BadYaml("a list of a doc fragment does not fit")
    return sorted(set(items))
