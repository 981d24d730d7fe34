"""An index of what stands in versions, by any three letters in a row: it finds the few that may fit a search.

Search looks for parts of words, which no usual index has. SQLite keeps this one in a table of its FTS5, by
triggers; PostgreSQL has it as an index by pg_trgm, if the extension may be used there. What it finds is
compared once more, so the results are the same without it. It belongs to no model: `install` makes it
after the tables, and after every migration, since Django drops triggers when it makes a table of SQLite anew.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models.expressions import RawSQL

from cartwheel.registry.counting import LONG, remembered

log = logging.getLogger(__name__)

FEW = 1000  # versions; if more may fit, ten of them are soon found without this
SHORTEST = 3  # letters
COLUMNS = ("namespace", "name", "description", "tags", "dependencies")

POSTGRESQL = (
    "CREATE INDEX IF NOT EXISTS version_words ON registry_collectionversion USING gin (({text}) gin_trgm_ops)"
)
SQLITE = (
    "CREATE TABLE IF NOT EXISTS version_number (number INTEGER PRIMARY KEY, version_id char(32) UNIQUE)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS version_words USING fts5(text, content='', tokenize='trigram')",
    "CREATE TRIGGER IF NOT EXISTS version_added AFTER INSERT ON registry_collectionversion BEGIN {put} END",
    "CREATE TRIGGER IF NOT EXISTS version_removed AFTER DELETE ON registry_collectionversion BEGIN {take} END",
    "CREATE TRIGGER IF NOT EXISTS version_changed AFTER UPDATE OF {columns} ON registry_collectionversion "
    "BEGIN {take} {put} END",
)
PUT = """
INSERT INTO version_number (version_id) VALUES (NEW.id);
INSERT INTO version_words (rowid, text) SELECT number, {new} FROM version_number WHERE version_id = NEW.id;
"""
TAKE = """
INSERT INTO version_words (version_words, rowid, text)
    SELECT 'delete', number, {old} FROM version_number WHERE version_id = OLD.id;
DELETE FROM version_number WHERE version_id = OLD.id;
"""
FITTING = """
SELECT version_id FROM version_number WHERE number IN (SELECT rowid FROM version_words WHERE version_words MATCH %s)
"""
SOME_FITTING = """
SELECT version_id FROM version_number
WHERE number IN (SELECT rowid FROM version_words WHERE version_words MATCH %s LIMIT %s)
"""
MISSING = "FROM registry_collectionversion WHERE id NOT IN (SELECT version_id FROM version_number)"


def may_fit(parts: Iterable[str]) -> list[UUID] | None:
    """The versions in whose text each of these stands, and a few more; None if many may fit, or it cannot tell."""
    known = tuple(each for each in parts if len(each) >= SHORTEST)
    # That many may fit is remembered for a moment: PostgreSQL finds all of them to say so.
    return remembered(("may fit", known, FEW), lambda: _few(known), size=_size) if known else None


def _few(parts: Sequence[str]) -> list[UUID] | None:
    with connection.cursor() as cursor:
        found = (_by_fts5 if connection.vendor == "sqlite" else _by_trigrams)(cursor, parts)
    return None if len(found) > FEW else found


def _size(found: list[UUID] | None) -> int:
    return LONG + 1 if found is None else 0


def maybe_all(parts: Iterable[str]) -> RawSQL | None:
    """The same as a part of a statement, however many. On PostgreSQL, None: it reads the versions as quickly."""
    known = [each for each in parts if len(each) >= SHORTEST]
    if connection.vendor != "sqlite" or not known:
        return None
    return RawSQL(FITTING, [_quoted(known)])  # noqa: S611, the words are a parameter


def _quoted(parts: Sequence[str]) -> str:
    return " ".join('"{}"'.format(each.replace('"', '""')) for each in parts)


def _by_fts5(cursor: CursorWrapper, parts: Sequence[str]) -> list[UUID]:
    cursor.execute(SOME_FITTING, [_quoted(parts), FEW + 1])
    return [UUID(pk) for (pk,) in cursor.fetchall()]


def _by_trigrams(cursor: CursorWrapper, parts: Sequence[str]) -> list[UUID]:
    wanted = " AND ".join([f"{_upper_text()} LIKE UPPER(%s)"] * len(parts))
    sql = f"SELECT id FROM registry_collectionversion WHERE {wanted} LIMIT %s"  # noqa: S608, all names of columns
    like = [f"%{connection.ops.prep_for_like_query(each)}%" for each in parts]
    cursor.execute(sql, [*like, FEW + 1])
    return [pk for (pk,) in cursor.fetchall()]


def _upper_text() -> str:
    return "UPPER({})".format(" || ' ' || ".join(f"{each}::text" for each in COLUMNS))


def _text(row: str) -> str:
    return " || ' ' || ".join(f"{row}{each}" for each in COLUMNS)


# -- making it ------------------------------------------------------------------------------------


def install_after_migrations(using: str, **signal: Any) -> None:
    install(connections[using])


def install(wrapper: BaseDatabaseWrapper) -> None:
    """Make the index where there is none. Doing it twice is fine."""
    if "registry_collectionversion" not in wrapper.introspection.table_names():
        return
    if wrapper.vendor == "sqlite":
        _install_fts5(wrapper)
    else:
        _install_trigrams(wrapper)


def _install_fts5(wrapper: BaseDatabaseWrapper) -> None:
    parts = {
        "put": PUT.format(new=_text("NEW.")),
        "take": TAKE.format(old=_text("OLD.")),
        "columns": ", ".join(COLUMNS),
    }
    with transaction.atomic(using=wrapper.alias), wrapper.cursor() as cursor:
        for each in SQLITE:
            cursor.execute(each.format(**parts))
        start = "SELECT coalesce(max(number), 0) FROM version_number"
        cursor.execute(start)
        before = cursor.fetchone()[0]
        cursor.execute(f"INSERT INTO version_number (version_id) SELECT id {MISSING}")
        cursor.execute(
            f"INSERT INTO version_words (rowid, text) SELECT number, {_text('v.')} "  # noqa: S608, names of columns
            "FROM version_number JOIN registry_collectionversion v ON v.id = version_id WHERE number > %s",
            [before],
        )


def _install_trigrams(wrapper: BaseDatabaseWrapper) -> None:
    try:
        with transaction.atomic(using=wrapper.alias), wrapper.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(POSTGRESQL.format(text=_upper_text()))
    except DatabaseError as problem:
        log.warning("search does without an index of words: pg_trgm cannot be used: %s", problem)
