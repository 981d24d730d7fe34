"""Python from strangers: parsed, never run, and not more of it than is good for us.

What is parsed takes up to a kilobyte of memory and five microseconds for each character: of the collections
that Ansible comes with, none has more than 100,000 characters that must be parsed, and no file more than 31,000.
"""

from __future__ import annotations

from ast import expr, literal_eval, parse, stmt
from typing import Any

from cartwheel.kit.yaml_text import BadYaml, Budget

PARSED_LIMIT = 128 << 10  # characters of a source that is parsed as a whole
PARSED_WEIGHT = 64  # of each of them, in the unit of yaml_text's Budget
TEXT_WEIGHT = 256  # of a text that is read without its source

_UNREADABLE = (  # what is raised for a source that is none, and for literals that are none
    SyntaxError, ValueError, TypeError, ArithmeticError, MemoryError, RecursionError,
)  # fmt: skip


def statements(source: str, budget: Budget) -> list[stmt]:
    """The statements of a source; none if it is no Python. Raises BadYaml for more than is parsed."""
    if len(source) > PARSED_LIMIT:
        raise BadYaml(f"of its {len(source)} characters at most {PARSED_LIMIT} are parsed")
    budget.spend(len(source) * PARSED_WEIGHT)
    try:
        return parse(source).body
    except _UNREADABLE:
        return []


def text_literal(source: str, budget: Budget) -> str | None:
    """The text that a single literal stands for. Raises BadYaml."""
    budget.spend(TEXT_WEIGHT)
    said = literal(source)
    return said if isinstance(said, str) else None


def literal(of: str | expr) -> Any:
    """What a literal stands for; None for what is known only when it runs."""
    try:
        return literal_eval(of)
    except _UNREADABLE:
        return None
