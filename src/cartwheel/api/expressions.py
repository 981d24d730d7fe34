"""The expressions of `q=`: filters joined by NOT, AND and OR.

q=state=completed AND (name__contains="sync" OR NOT logging_cid=abc)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from django.db.models import Q
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from cartwheel.api.filters import BadValue, Table, conditions
from cartwheel.kit.errors import Invalid

COMPLEXITY_LIMIT = 8  # filters and operators in one expression; a chain of the same AND or OR counts as one
TOKEN = re.compile(
    r"""\s*(?:
        (?P<paren>[()])
      | (?P<word>NOT|AND|OR)(?=[\s()]|$)
      | (?P<key>\w+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<plain>[^\s()="']+))
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def asked_for(request: Request, table: Table, *, also: Iterable[str] = ()) -> Q:
    """What a list of Pulp's is asked for: by its filters, and by `q` that joins them. Raises ValidationError."""
    wanted = conditions(request, table, also=also)
    text = request.query_params.get("q")
    return wanted & expression(text, table) if text and "q" not in table else wanted


class _SyntaxProblem(Exception):
    pass


def expression(text: str, table: Table) -> Q:
    """The condition that an expression means. Raises ValidationError."""
    try:
        parser = _Parser(text, table)
        condition = parser.either()
        if parser.position != len(parser.tokens):
            raise _SyntaxProblem
        parser.require_simple()
    except (_SyntaxProblem, RecursionError):
        raise _refused("Syntax error in expression.") from None
    except BadValue as problem:
        raise _refused(str(problem)) from None
    except Invalid as problem:
        raise ValidationError([problem.message]) from None
    return condition


def _refused(message: str) -> ValidationError:
    """Without a code, as clients of the real hub see it."""
    return ValidationError({"q": [ErrorDetail(message, code=None)]})


class _Parser:
    """Recursive descent: OR binds least, then AND, then NOT."""

    def __init__(self, text: str, table: Table) -> None:
        self.table = table
        self.position = 0
        self.tokens = list(_tokens(text))
        self.complexity = sum(kind == "key" or word == "NOT" for kind, word, _ in self.tokens)
        self.require_simple()

    def require_simple(self) -> None:
        if self.complexity > COMPLEXITY_LIMIT:
            raise BadValue("Filter expression exceeds allowed complexity.")

    def either(self) -> Q:
        condition, start = self.both(), self.position
        while self._take("word", "OR"):
            condition |= self.both()
        self.complexity += self.position > start
        return condition

    def both(self) -> Q:
        condition, start = self.one(), self.position
        while self._take("word", "AND"):
            condition &= self.one()
        self.complexity += self.position > start
        return condition

    def one(self) -> Q:
        if self._take("word", "NOT"):
            return ~self.one()
        if self._take("paren", "("):
            condition = self.either()
            if not self._take("paren", ")"):
                raise _SyntaxProblem
            return condition
        if self.position >= len(self.tokens) or self.tokens[self.position][0] != "key":
            raise _SyntaxProblem
        _, name, value = self.tokens[self.position]
        self.position += 1
        if name not in self.table:
            raise BadValue(f"Filter '{name}' does not exist.")
        return self._filter(name, value)

    def _filter(self, name: str, value: str) -> Q:
        """What is wrong with a value is told as JSON in the text, as on the real hub."""
        try:
            return self.table[name].condition(self.table[name].clean(value))
        except BadValue as problem:
            said = {"message": str(problem), "code": problem.detail.code}
            raise BadValue(json.dumps({name: [said]})) from None

    def _take(self, kind: str, text: str) -> bool:
        found = self.position < len(self.tokens) and self.tokens[self.position][:2] == (kind, text)
        self.position += found
        return found


def _tokens(text: str) -> list[tuple[str, str, str]]:
    """Kind, text and, for filters, value of each token."""
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise _SyntaxProblem
        position = match.end()
        if match["paren"]:
            found.append(("paren", match["paren"], ""))
        elif match["word"]:
            found.append(("word", match["word"].upper(), ""))
        else:
            value = match["plain"] or match["single"] or re.sub(r"\\(.)", r"\1", match["quoted"] or "")
            found.append(("key", match["key"], value))
    return found
