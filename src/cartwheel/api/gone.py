"""What tasks have made and is not there any more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from cartwheel.engine.prepared import AMONG, GivenSeveral, planned
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import CollectionVersion, Repository, User

GONE = "<unavailable>"  # what Pulp says of it, in place of its address

Thing = tuple[str, UUID, int]  # its kind and id; of a version that of its repository, and its number there

VERSION, CONTENT, DISTRIBUTION = "version", "content", "distribution"
ID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
PATTERNS = {
    VERSION: re.compile(f"repositories/ansible/ansible/{ID}/versions/([0-9]{{1,9}})/"),
    CONTENT: re.compile(f"content/ansible/collection_versions/{ID}/"),
    DISTRIBUTION: re.compile(f"distributions/ansible/ansible/{ID}/"),
}
# Raw, since it is asked for each page of tasks, and Django's own way takes a statement for each kind. A cross
# join keeps SQLite from looking at all versions of a repository.
SQL = """
SELECT 'version', version.repository_id, version.number
  FROM ({pairs}) AS named CROSS JOIN registry_repositoryversion AS version
  WHERE version.repository_id = named.repository AND version.number = named.number
UNION ALL SELECT 'content', id, 0 FROM registry_collectionversion WHERE id {among}
UNION ALL SELECT 'distribution', id, 0 FROM registry_distribution WHERE id {among}
"""
PAIRS = {
    "sqlite": "SELECT json_extract(value, '$[0]') AS repository, json_extract(value, '$[1]') AS number FROM json_each(%s)",
    "postgresql": (
        "SELECT (value->>0)::uuid AS repository, (value->>1)::integer AS number FROM jsonb_array_elements(%s::jsonb)"
    ),
}
IDS = GivenSeveral("ids", CollectionVersion._meta.pk)


def gone(paths: Iterable[str], *, to: User | AnonymousUser) -> set[str]:
    """Those of the paths that lead nowhere any more. One statement if there are any, two more if versions are gone.

    Which versions a private repository has is told to nobody who may not read it.
    """
    named = {path: thing for path in paths if (thing := _thing(path))}
    if not named:
        return set()
    missing = set(named.values()) - _still_there(set(named.values()))
    secret = _secret({identifier for kind, identifier, _ in missing if kind == VERSION}, to)
    return {path for path, thing in named.items() if thing in missing and thing[1] not in secret}


def _thing(path: str) -> Thing | None:
    for kind, pattern in PATTERNS.items():
        if match := pattern.fullmatch(path):
            return kind, UUID(match[1]), int(match[2]) if kind == VERSION else 0
    return None


def _still_there(things: set[Thing]) -> set[Thing]:
    vendor = connection.vendor
    ids: dict[str, list[UUID]] = {CONTENT: [], DISTRIBUTION: []}
    pairs = []
    for kind, identifier, number in things:
        if kind == VERSION:
            pairs.append([identifier.hex, number])
        else:
            ids[kind].append(identifier)
    parameters = [json.dumps(pairs), *(IDS.written(each) for each in ids.values())]
    with planned() as cursor:
        cursor.execute(SQL.format(pairs=PAIRS[vendor], among=AMONG[vendor]), parameters)
        return {(kind, UUID(str(identifier)), number) for kind, identifier, number in cursor.fetchall()}


def _secret(repositories: set[UUID], to: User | AnonymousUser) -> set[UUID]:
    """Those of the repositories that are private, and not for this person to read."""
    private = Repository.objects.filter(pk__in=repositories, private=True)
    found = set(private.values_list("pk", flat=True)) if repositories else set()
    return found - set(private.filter(readable_by(to)).values_list("pk", flat=True)) if found else found
