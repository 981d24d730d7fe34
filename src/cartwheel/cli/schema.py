"""The database's schema: made at once where there is nothing yet, else brought up to date by the migrations."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from cartwheel.engine.wakeup import run_directory


def bring_up_to_date() -> None:
    """Make the schema what this release needs. Raises DatabaseError."""
    lacking = _lacking()
    if not lacking:
        return
    if connection.introspection.table_names():
        with _alone():
            call_command("migrate", verbosity=0, interactive=False)  # looks anew what lacks
        return
    try:
        _make_at_once(lacking)
    except DatabaseError:
        if _lacking():  # else another host has made it meanwhile
            raise


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody else migrates meanwhile: hosts, and the parts of a hub, may be started anew at the same time."""
    if connection.vendor == "sqlite":
        run_directory().mkdir(parents=True, exist_ok=True)
        with (run_directory() / "migrating").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            # The weakest lock that only one can have; what has been migrated can be noted in spite of it.
            cursor.execute("LOCK TABLE django_migrations IN SHARE UPDATE EXCLUSIVE MODE")
        yield
    finally:
        other.close()


def _lacking() -> list[tuple[str, str]]:
    """The migrations that have not been applied, by app and name."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _ in plan]


def _make_at_once(lacking: list[tuple[str, str]]) -> None:
    """Make what all the migrations lead to, or nothing: one by one, they take two seconds."""
    with connection.schema_editor() as editor:
        create_tables(editor)
        recorder = MigrationRecorder(connection)
        for app, name in lacking:
            recorder.record_applied(app, name)
        emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)


def create_tables(editor: BaseDatabaseSchemaEditor) -> None:
    """Create the tables of all models in an empty database."""
    for model in apps.get_models():
        editor.create_model(model)
    editor.create_model(MigrationRecorder.Migration)
