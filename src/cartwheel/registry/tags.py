"""The tags of collections, as people choose them to search by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet

from cartwheel.registry.counting import key_of, remembered
from cartwheel.registry.models import RepositoryContent
from cartwheel.registry.search import Criteria, search

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

# The database looks into the lists: to read 100,000 of them takes Python a second.
EACH = {
    "sqlite": "json_each(version.tags) AS each",
    "postgresql": "jsonb_array_elements_text(version.tags) AS each (value)",
}
COUNT = """
SELECT each.value, COUNT(DISTINCT placed.collection_version_id)
FROM ({placed}) placed JOIN registry_collectionversion version ON version.id = placed.collection_version_id, {each}
GROUP BY each.value
"""


def tags(user: AbstractBaseUser | AnonymousUser, *, highest: bool = False) -> dict[str, int]:
    """Each tag by its name, and how many versions that the user may read have it.

    `highest` counts only the highest version in each repository: that is what a search for the tag shows.
    """
    found = search(Criteria(is_highest=highest or None), by=user)
    rows = found.rows.order_by().values("collection_version_id")
    key = key_of(rows)
    if key is None:
        return {}
    return remembered(
        ("tags", key), lambda: _counted(rows), size=lambda counts: sum(counts.values()), on=found.on
    )


def _counted(placed: QuerySet[RepositoryContent, Any]) -> dict[str, int]:
    sql, params = placed.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(placed=sql, each=EACH[connection.vendor]), params)
        return dict(sorted(cursor.fetchall()))
