"""Label searches: `pipeline=staging,!hide_from_search`.

Terms with commas between, all of which must hold: `key` is there, `!key` is not, `key=value`,
`key!=value`, and `key~value` for a part of the value in any case. `\\,` stands for a comma.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cartwheel.kit.errors import Invalid

NO_LABEL = "Invalid search term: ''."
TERMS_LIMIT = 50  # of one search: each is looked for in all labels
TERM = re.compile(r"(?P<no>!)?(?P<key>[\w .-]+)(?:(?P<operator>!=|=|~)(?P<value>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Term:
    """One condition. Without an operator it asks whether the key is there."""

    key: str
    operator: str = ""
    value: str = ""

    def holds(self, labels: Mapping[str, str | None]) -> bool:
        if self.operator == "":
            return self.key in labels
        if self.operator == "!":
            return self.key not in labels
        if self.key not in labels:
            return False
        there = labels[self.key] or ""
        if self.operator == "~":
            return self.value.lower() in there.lower()
        return (there == self.value) is (self.operator == "=")


def parse(text: str) -> list[Term]:
    """The terms of a search. Raises Invalid."""
    parts = re.split(r"(?<!\\),", text) if text else []
    if len(parts) > TERMS_LIMIT:
        raise Invalid(f"At most {TERMS_LIMIT} labels can be asked for at once.")
    return [_term(part.replace("\\,", ",")) for part in parts]


def _term(text: str) -> Term:
    found = TERM.fullmatch(text.strip())
    if found is None:
        raise Invalid(f"Invalid search term: '{text}'.")
    if found["no"] and found["operator"]:
        raise Invalid(f"Cannot use an operator with '!{found['key']}'.")
    return Term(found["key"], found["no"] or found["operator"] or "", found["value"] or "")


def hold(terms: list[Term], labels: Mapping[str, str | None]) -> bool:
    """Do all of them hold?"""
    return all(each.holds(labels) for each in terms)
