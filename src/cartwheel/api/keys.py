"""Filters by which lists are asked for some of their things: by ids, addresses and PRNs, or by their type."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Q

from cartwheel.api.addresses import below_pulp
from cartwheel.api.filters import BadValue, Clean, Filter, one_of, several
from cartwheel.kit.errors import Invalid
from cartwheel.kit.ids import is_uuid

DIGITS_LIMIT = 10  # of an id that is a number
ALL = ~Q(pk__in=[])  # unlike Q(), what is not in it is nothing
ID_NAMES = ("pulp_id", "pulp_href", "prn")

Read = Callable[[Iterable[str]], list[Any]]


def identified(read: Read | None = None, *, names: Iterable[str] = ID_NAMES) -> dict[str, Filter]:
    """`pulp_id__in`, `pulp_href__in` and `prn__in`; `read` takes the keys out of them, by default UUIDs."""
    keys = read or uuids
    cleans: dict[str, Clean] = {"pulp_id": partial(_ids, read=keys), "pulp_href": addresses, "prn": prns}
    return {f"{name}__in": Filter(cleans[name], lambda items: Q(pk__in=keys(items))) for name in names}


def typed(kinds: Collection[str], here: str) -> dict[str, Filter]:
    """`pulp_type` and `pulp_type__in`, of those that Pulp knows; what is listed is of one type."""

    def clean(text: str) -> list[str]:
        return [one_of(kinds)(each) for each in several(text)]

    return {
        "pulp_type": Filter(one_of(kinds), lambda kind: ALL if kind == here else Q(pk__in=[])),
        "pulp_type__in": Filter(clean, lambda named: ALL if here in named else Q(pk__in=[])),
    }


# -- what they accept -----------------------------------------------------------------------------


def _ids(text: str, *, read: Read) -> list[str]:
    items = several(text)
    if read is not numbers_of and not all(map(is_uuid, items)):
        raise BadValue("Enter a valid UUID.")
    return items


def addresses(text: str, split: Callable[[str], list[str]] = several) -> list[str]:
    """Addresses of things below Pulp's API, or their PRNs. Raises Invalid."""
    return [address(each) for each in split(text)]


def address(text: str) -> str:
    """Raises Invalid."""
    if text.startswith("prn:"):
        return _prn(text)
    if not below_pulp(text):
        raise Invalid(f"URI not valid: {text}")
    return text


def prns(text: str) -> list[str]:
    """Raises Invalid."""
    return [_prn(each) for each in several(text)]


def _prn(text: str) -> str:
    if not text.startswith("prn:"):
        raise Invalid(f"Not a valid PRN: {text}, must start with 'prn:'")
    if text.count(":") != 2:
        raise Invalid(f"PRN not valid: {text.split(':')}")
    return text


# -- the keys in them -----------------------------------------------------------------------------


def uuids(items: Iterable[str]) -> list[UUID]:
    """Ids, as such or at the end of an href or PRN; others match nothing."""
    return [UUID(each) for each in map(last_part, items) if is_uuid(each)]


def numbers_of(items: Iterable[str]) -> list[int]:
    """The same for ids that are numbers."""
    ends = map(last_part, items)
    return [int(each) for each in ends if each.isascii() and each.isdigit() and len(each) < DIGITS_LIMIT]


def last_part(reference: str) -> str:
    return reference.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
