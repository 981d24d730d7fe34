"""An empty database gets its tables at once: the same as by all migrations, one after the other."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import postgres
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler
from hub import running_hub
from patience import PATIENCE_SECONDS

from cartwheel.cli import schema
from cartwheel.cli.schema import create_tables
from cartwheel.engine.wakeup import run_directory
from cartwheel.registry.search_words import install


def new_database(folder: Path) -> str:
    """The URL of a database without tables, of the kind that is tested."""
    return postgres.new_database() if postgres.is_wanted() else f"sqlite://{folder / uuid4().hex}.sqlite3"


@contextmanager
def connected(url: str) -> Iterator[BaseDatabaseWrapper]:
    made = ConnectionHandler({"default": replace(settings.CONFIG, database_url=url).database})["default"]
    try:
        yield made
    finally:
        made.close()


def schema_of(wrapper: BaseDatabaseWrapper) -> dict[str, Any]:
    """Each of our tables' columns, constraints and indexes. The order of columns does not matter."""
    with wrapper.cursor() as cursor:
        return {
            table: {
                "columns": {each.name: each[1:] for each in columns(wrapper, cursor, table)},
                "constraints": constraints(wrapper, cursor, table),
                "indexes": indexes(wrapper, cursor, table),
            }
            for table in wrapper.introspection.table_names(cursor)
            if table.startswith(("engine_", "registry_"))
        }


def constraints(wrapper: BaseDatabaseWrapper, cursor: Any, table: str) -> dict[str, Any]:
    """By name; those that SQLite has no name for, by column."""
    found = wrapper.introspection.get_constraints(cursor, table)
    return {
        f"of {each['columns']}" if each["foreign_key"] or name.startswith("__unnamed") else name: each
        for name, each in found.items()
    }


def columns(wrapper: BaseDatabaseWrapper, cursor: Any, table: str) -> list[Any]:
    return wrapper.introspection.get_table_description(cursor, table)


def indexes(wrapper: BaseDatabaseWrapper, cursor: Any, table: str) -> set[str]:
    """As the database tells how they would be made, conditions and all."""
    if wrapper.vendor == "postgresql":
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table])
    else:
        cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = %s AND type = 'index'", [table])
    return {re.sub(r"\s+", " ", row[0]) for row in cursor.fetchall() if row[0]}


@pytest.mark.django_db
def test_the_tables_are_those_that_the_migrations_make(tmp_path: Path) -> None:
    made, migrated = new_database(tmp_path), new_database(tmp_path)
    environ = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cartwheel.settings",
        "CARTWHEEL_DATA": str(tmp_path / "data"),
        "CARTWHEEL_DATABASE_URL": migrated,
    }
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity=0"], env=environ, check=True)

    with connected(made) as at_once, connected(migrated) as one_by_one:
        with at_once.schema_editor() as editor:
            create_tables(editor)
        install(at_once)

        assert len(schema_of(at_once)) > 30
        assert schema_of(at_once) == schema_of(one_by_one) == schema_of(connection)


@pytest.mark.django_db
def test_hosts_of_an_earlier_release_can_insert_rows() -> None:
    """They leave out the columns that came later: nothing, or the database's own default, must do there."""
    first = [("engine", "0002_task_links"), ("registry", "0001_initial")]
    earlier = MigrationLoader(connection).project_state(first).apps.get_models()
    tables = {
        each._meta.db_table: {column.column for column in each._meta.concrete_fields} for each in earlier
    }
    with connection.cursor() as cursor:
        later = [
            (table, column)
            for table, known in tables.items()
            for column in columns(connection, cursor, table)
            if column.name not in known
        ]

    assert ("engine_task", "is_stopped_with_children") in {(table, each.name) for table, each in later}
    assert [(table, each.name) for table, each in later if not each.null_ok and each.default is None] == []


def test_hosts_that_start_first_at_the_same_time_all_start(tmp_path: Path) -> None:
    environ = os.environ | {
        "CARTWHEEL_DATA": str(tmp_path / "data"),
        "CARTWHEEL_ADMIN_PASSWORD": "a-password-for-tests",
    }
    if postgres.is_wanted():
        environ["CARTWHEEL_DATABASE_URL"] = postgres.new_database()
    prepare = "from cartwheel.cli.setup import *; set_up(); prepare_database()"
    hosts = [
        subprocess.Popen([sys.executable, "-c", prepare], env=environ, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    assert [(host.communicate(timeout=PATIENCE_SECONDS)[1], host.returncode) for host in hosts] == [
        ("", 0)
    ] * 3


def test_a_second_start_finds_nothing_to_do(tmp_path: Path) -> None:
    with running_hub(tmp_path / "data") as hub:
        pending = hub.console(
            "from cartwheel.cli.schema import _lacking\n"
            "from django.contrib.auth.models import Permission\n"
            "print(_lacking(), Permission.objects.count() > 100)"
        )

    assert pending.strip() == "[] True"


@pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="PostgreSQL's lock is tested with others that wait for it"
)
@pytest.mark.django_db
def test_the_parts_of_a_hub_migrate_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def migrate(*_: object, **__: object) -> None:
        with (run_directory() / "migrating").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                seen.append(True)

    monkeypatch.setattr(schema, "_lacking", lambda: [("engine", "0005_of_tomorrow")])
    monkeypatch.setattr(schema, "call_command", migrate)

    schema.bring_up_to_date()

    assert seen == [True]
    with (run_directory() / "migrating").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
