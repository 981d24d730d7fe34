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
    "postgresql": "jsonb_array_elements_text(version.tags) WITH ORDINALITY AS each (value, key)",
}
COUNT = """
SELECT each.value, COUNT(DISTINCT placed.collection_id)
FROM ({placed}) placed JOIN registry_collectionversion version ON version.id = placed.collection_version_id, {each}
GROUP BY each.value
ORDER BY MIN({first})
"""
FIRST = {  # the place where it stands: which version, and where in its list
    "sqlite": "placed.collection_version_id || printf('%%05d', each.key)",
    "postgresql": "placed.collection_version_id::text || lpad(each.key::text, 5, '0')",
}


def tags(user: AbstractBaseUser | AnonymousUser) -> dict[str, int]:
    """Each tag and how many collections have it, in the order in which the tags came up.

    Only the highest version in each repository counts: that is what a search for the tag shows.
    """
    highest = search(Criteria(is_highest=True), by=user)
    rows = highest.rows.order_by().values("collection_id", "collection_version_id")
    key = key_of(rows)
    if key is None:
        return {}
    return remembered(
        ("tags", key), lambda: _counted(rows), size=lambda found: sum(found.values()), on=highest.on
    )


def _counted(placed: QuerySet[RepositoryContent, Any]) -> dict[str, int]:
    sql, params = placed.query.sql_with_params()
    vendor = connection.vendor
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(placed=sql, each=EACH[vendor], first=FIRST[vendor]), params)
        return dict(cursor.fetchall())
