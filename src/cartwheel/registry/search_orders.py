"""What the results of a search can be sorted by."""

from __future__ import annotations

NEWEST = ("-collection_version_id", "repository_id")  # ids grow with time
# What results can be sorted by, as far as to the last column: an index has each of these, and is read from
# its end for the opposite.
ORDERS = {
    "pulp_created": NEWEST,
    "name": ("name", *NEWEST),
    "namespace": ("namespace", "name", "-version_key", *NEWEST),
    "version": ("-version_key", *NEWEST),
}
_BY_FULL_NAME = (["namespace", "name"], ["-namespace", "-name"])  # one order: that by namespace
_SORTED_BY = {"pulp_created": "collection_version_id", "name": "name", "namespace": "namespace"}


def in_order(wanted: str, *, newest_first: bool = True) -> tuple[str, ...]:
    """The columns to sort by, for an order as Criteria has it; no name means the newest first.

    Of each name, what is newer stands first, also where the names are sorted the other way round: unless that
    is not asked for, as an index that is read from its end has it the other way. No index has the order by
    several names.
    """
    names = _order_of(wanted)
    if len(names) > 1 or (names == ["-name"] and newest_first):
        columns = [f"{'-' * each.startswith('-')}{_SORTED_BY[each.removeprefix('-')]}" for each in names]
        return (*columns, *NEWEST)
    name = names[0] if names else "-pulp_created"
    indexed = ORDERS[name.removeprefix("-")]
    is_turned = name.startswith("-") != indexed[0].startswith("-")
    return tuple(map(opposite, indexed)) if is_turned else indexed


def has_index(wanted: str) -> bool:
    """Can results be read in that order, without all that come before?"""
    return len(_order_of(wanted)) < 2


def _order_of(wanted: str) -> list[str]:
    """The names of an order as it is meant: the version alone if it is among them."""
    names = list(dict.fromkeys(each for each in wanted.split(",") if each))
    by_version = [each for each in names if each.endswith("version")]
    if by_version:
        return ["-version" if "-version" in by_version else "version"]
    return names[:1] if names in _BY_FULL_NAME else names


def opposite(column: str) -> str:
    """The same column, sorted the other way round."""
    return column.removeprefix("-") if column.startswith("-") else f"-{column}"
