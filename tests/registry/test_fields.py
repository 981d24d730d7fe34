"""Columns that Django has no field for."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite sorts byte by byte")
def test_versions_are_sorted_byte_by_byte_whatever_locale_the_database_has() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, collation_name FROM information_schema.columns WHERE column_name = 'version_key'"
        )
        found = sorted(cursor.fetchall())

    assert found == [("registry_collectionversion", "C"), ("registry_repositorycontent", "C")]
