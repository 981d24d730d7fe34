"""YAML from strangers as what JSON can say.

LibYAML and its Python side do what they are told, also to use up all memory or the whole stack. What
no honest text needs is refused: deep nesting, merges that multiply, aliases that do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import yaml

from cartwheel.kit.texts import storable

TEXT_LIMIT = 2 << 20  # characters
DEPTH_LIMIT = 100
WEIGHT_LIMIT = 4 << 20  # of one text: its characters and 2 a node, aliases counted wherever they stand
MERGE_LIMIT = 100  # mappings merged into one
KEYS_LIMIT = 10_000  # of one mapping
BRACKETS_FINE = 2000  # so many levels the stack bears
NUMBER_LIMIT = 100  # characters of a number; "1:1:1:1…" takes quadratic time

STR, MAP, SEQ = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))
MERGES = frozenset(("tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"))
UNFIT = (  # what the library raises where a value does not fit its tag, with words that help nobody
    ValueError, OverflowError, TypeError, AttributeError, LookupError,
)  # fmt: skip

_INLINE_NESTING = re.compile(r"(?:[-?:][ \t]+){20}")


class BadYaml(ValueError):
    """A text is no YAML, or more than is good for us."""


class Budget:
    """How much may come out of several texts together, in the unit of WEIGHT_LIMIT."""

    def __init__(self, weight: int) -> None:
        self.left = weight

    def spend(self, weight: int) -> None:
        """Raises BadYaml if there is not so much left."""
        if weight > self.left:
            raise BadYaml("it says too much")
        self.left -= weight


class _Loader(yaml.CSafeLoader):
    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        for key, value in node.value:
            if key.tag in MERGES and len(value.value) > MERGE_LIMIT:
                raise BadYaml("it merges too many mappings")
        super().flatten_mapping(node)
        if len(node.value) > KEYS_LIMIT:
            raise BadYaml("a mapping has too many keys")

    def construct_number(self, node: yaml.ScalarNode) -> Any:
        if len(node.value) > NUMBER_LIMIT:
            return node.value
        return self.construct_yaml_int(node)


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_number)


def load(text: str, *, budget: Budget | None = None) -> Any:
    """What the first document says, as JSON knows it: keys and dates are texts. Raises BadYaml."""
    if len(text) > TEXT_LIMIT:
        raise BadYaml(f"it has {len(text)} characters; at most {TEXT_LIMIT} are read")
    one = Budget(WEIGHT_LIMIT)
    try:
        _require_flat(text)
        said = _read(text, one)
    except yaml.YAMLError as problem:
        raise BadYaml(" ".join(str(problem).split())) from None
    except RecursionError:
        raise BadYaml("it is nested too deeply") from None
    except UnicodeEncodeError:
        raise BadYaml("it has halves of characters") from None
    if budget is not None:
        budget.spend(WEIGHT_LIMIT - one.left)
    return said


def _read(text: str, budget: Budget) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _Reading(budget, loader).of_node(node)
    finally:
        loader.dispose()


def plain(value: Any, budget: Budget) -> Any:
    """What was read from elsewhere than YAML, as JSON knows it. Raises BadYaml."""
    return _Plain(budget).of(value)


def top_text(text: str, key: str) -> str | None:
    """The text that stands under one key of the outermost mapping, without reading what stands below others."""
    depth, is_key, found = 0, True, False
    for event in _events(text):
        if isinstance(event, yaml.NodeEvent) and depth == 1:
            if found:
                return event.value if isinstance(event, yaml.ScalarEvent) else None
            if is_key and isinstance(event, yaml.ScalarEvent) and event.value == key:
                found = True
            is_key = not is_key
        depth += _step(event)
    return None


def _require_flat(text: str) -> None:
    """Refuse what nests so deeply that reading it would overflow the stack. Most texts need no look at all."""
    if text.count("[") + text.count("{") < BRACKETS_FINE and not _INLINE_NESTING.search(text):
        return
    for _ in _events(text):
        pass


def _events(text: str) -> Iterator[yaml.Event]:
    if len(text) > TEXT_LIMIT:
        raise BadYaml(f"it has {len(text)} characters; at most {TEXT_LIMIT} are read")
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += _step(event)
            if depth > DEPTH_LIMIT:
                raise BadYaml("it is nested too deeply")
            yield event
    except (yaml.YAMLError, ValueError) as problem:
        raise BadYaml(" ".join(str(problem).split())) from None


def _step(event: yaml.Event) -> int:
    if isinstance(event, yaml.CollectionStartEvent):
        return 1
    return -1 if isinstance(event, yaml.CollectionEndEvent) else 0


class _Plain:
    """Makes plain JSON of what was read, and weighs it meanwhile."""

    def __init__(self, budget: Budget) -> None:
        self._spend = budget.spend

    def of(self, value: Any, depth: int = 0) -> Any:
        self._spend(2)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int):
            return value if -(1 << 63) <= value < 1 << 64 else self._text(_digits(value))
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        if depth > DEPTH_LIMIT:
            raise BadYaml("it is nested too deeply")
        if isinstance(value, Mapping):
            return {str(self.of(key, depth + 1)): self.of(each, depth + 1) for key, each in value.items()}
        if isinstance(value, list | tuple | set):
            return [self.of(each, depth + 1) for each in value]
        if isinstance(value, date):
            return value.isoformat()
        return self._text(str(value))

    def _text(self, value: str) -> str:
        self._spend(len(value))
        return storable(value)


def _digits(number: int) -> str:
    if number.bit_length() > 4 * NUMBER_LIMIT:
        raise BadYaml("a number has too many digits")
    return str(number)


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


class _Reading(_Plain):
    """Makes plain JSON of YAML's nodes: in one pass, where the library takes two steps for each of them."""

    def __init__(self, budget: Budget, loader: _Loader) -> None:
        super().__init__(budget)
        self._loader = loader

    def of_node(self, node: yaml.Node, depth: int = 0) -> Any:
        tag = node.tag
        if tag == STR and isinstance(node, yaml.ScalarNode):
            self._spend(2)
            return self._text(node.value)
        if depth > DEPTH_LIMIT:
            raise BadYaml("it is nested too deeply")
        if tag == MAP and isinstance(node, yaml.MappingNode):
            self._spend(2)
            return self._mapping(node, depth + 1)
        if tag == SEQ and isinstance(node, yaml.SequenceNode):
            self._spend(2)
            return [self.of_node(each, depth + 1) for each in node.value]
        return self.of(self._constructed(node), depth)

    def _constructed(self, node: yaml.Node) -> Any:
        try:
            return self._loader.construct_object(node, deep=True)
        except BadYaml:
            raise
        except UNFIT:
            line = node.start_mark.line + 1
            raise BadYaml(f"a value does not fit its tag, {_short(node.tag)}, in line {line}") from None

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        if len(node.value) > KEYS_LIMIT:
            raise BadYaml("a mapping has too many keys")
        if any(key.tag in MERGES for key, _ in node.value):
            self._loader.flatten_mapping(node)
        found = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise BadYaml("a key is no text")
            found[str(self.of_node(key, depth))] = self.of_node(value, depth)
        return found
