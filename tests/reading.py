"""What a request to a list makes the database read, for tests that look at it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from endpoints import API
from rest_framework.test import APIClient

LONG = (
    "engine_task",
    "engine_reservation",
    "engine_createdresource",
    "registry_artifact",
    "registry_collection",
    "registry_collectionimport",
    "registry_collectionversion",
    "registry_repositorycontent",
)
STEPS_AT_ONCE = 50
NARROW = re.compile(r"[?&](namespace|name|version|sha256|state__in|created_resources|logging_cid)=")


def asked(client: APIClient, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"{API}{address}").status_code < 500
    return [each["sql"] or "" for each in captured.captured_queries]


def whole_tables(statement: str) -> list[str]:
    """The lines of PostgreSQL's plan that read a long table from end to end, or sort what was found in one."""
    found = re.search(r'FROM "?(\w+)', statement)
    if (
        not statement.lstrip("( ").startswith("SELECT")
        or not found
        or found[1] not in LONG
        or "$1" in statement
    ):
        return []
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + statement.replace("%", "%%"))
        plan = [str(row[-1]).strip(" ->") for row in cursor.fetchall()]
    is_of_few = (
        re.search(r"_?id\" IN \('", statement) or "UNION ALL" in statement
    )  # a page by keys, or of two
    read = [line for line in plan if re.match(rf"Seq Scan on ({'|'.join(LONG)})\b", line)]
    return read + [line for line in plan if line.startswith("Sort  (") and not is_of_few]


def is_worse(address: str, lines: list[str]) -> list[str]:
    """Few rows may be sorted."""
    return [each for each in lines if "SCAN" in each.upper() or not NARROW.search(address)]


def steps(client: APIClient, address: str) -> dict[str, int]:
    """How many instructions of its virtual machine SQLite takes for each statement of a page, but to count."""
    taken: dict[str, int] = Counter()

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        def tick() -> int:
            taken[sql] += STEPS_AT_ONCE
            return 0

        connection.connection.set_progress_handler(tick, STEPS_AT_ONCE)
        try:
            return execute(sql, *rest)
        finally:
            connection.connection.set_progress_handler(None, 0)

    with connection.execute_wrapper(note):
        assert client.get(f"{API}{address}").status_code < 500
    return {sql: number for sql, number in taken.items() if not sql.startswith("SELECT COUNT(*)")}
