"""requirements.yml: the collections that are wanted, and which versions of them.

collections:
  - community.general
  - name: ansible.posix
    version: ">=1.5.0,<2.0.0"

Format: docs.ansible.com, "Installing multiple collections with a requirements file". The sentences are
those that clients of Galaxy know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from cartwheel.kit.errors import Invalid
from cartwheel.kit.filenames import NAME_LIMIT
from cartwheel.kit.versions import is_range
from cartwheel.kit.yaml_text import BadYaml, load

SIZE_LIMIT = 1 << 20  # characters
EXPLAINED_LIMIT = 20_000  # characters of a broken text that is read once more, slowly, to say where it broke
ENTRIES_LIMIT = 20_000
NAME = re.compile(r"[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*", re.ASCII)


class BadRequirements(Invalid):
    code = "bad_requirements"


@dataclass(frozen=True)
class Requirement:
    """A collection, `namespace.name`, and a range of its versions: "*" for all. `source` is its server's URL."""

    name: str
    versions: str = "*"
    source: str | None = None


def parse_requirements(text: str) -> list[Requirement]:
    """What a requirements file asks for. Raises BadRequirements."""
    if len(text) > SIZE_LIMIT:
        raise BadRequirements(
            f"The collection requirements yml has {len(text)} characters; at most {SIZE_LIMIT} fit."
        )
    try:
        said = load(text)
    except BadYaml as problem:
        raise BadRequirements(_explained(text, str(problem))) from None
    entries = said.get("collections") if isinstance(said, dict) else None
    if not isinstance(entries, list):
        raise BadRequirements(
            "Expecting collections requirements file to be a dict with the key collections that contains "
            "a list of collections to install."
        )
    if len(entries) > ENTRIES_LIMIT:
        raise BadRequirements(f"The collection requirements yml has more than {ENTRIES_LIMIT} entries.")
    return [_requirement(each) for each in entries]


def _explained(text: str, reason: str) -> str:
    """Where a text is no YAML, with the lines in question as PyYAML's own parser shows them."""
    if len(text) <= EXPLAINED_LIMIT:
        try:
            for _ in yaml.parse(text, Loader=yaml.SafeLoader):
                pass
        except yaml.YAMLError as problem:
            reason = str(problem)
        except RecursionError:
            pass
    return f"Failed to parse the collection requirements yml: {text[:EXPLAINED_LIMIT]} with error {reason}"


def _requirement(entry: Any) -> Requirement:
    if isinstance(entry, str):
        name, _, versions = entry.partition(":")  # as on ansible-galaxy's command line
        return _checked(name, versions or "*", None)
    if not isinstance(entry, dict):
        raise BadRequirements("Collections requirement entry should be a name or an object with a name.")
    if entry.get("name") is None:
        raise BadRequirements("Collections requirement entry should contain the key name.")
    wanted, source = entry.get("version"), entry.get("source")
    return _checked(
        str(entry["name"]),
        "*" if wanted is None else str(wanted),
        source if isinstance(source, str) else None,
    )


def _checked(name: str, versions: str, source: str | None) -> Requirement:
    if not NAME.fullmatch(name) or any(len(part) > NAME_LIMIT for part in name.split(".")):
        raise BadRequirements(
            "Collections requirement entry should contain the collection name in the format <namespace>.<name>."
        )
    if not is_range(versions):
        raise BadRequirements(f"The version '{versions[:200]}' of {name} is no range of versions.")
    return Requirement(name, versions.strip() or "*", source)
