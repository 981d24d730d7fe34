"""Lists of things in bodies, each by its address or PRN, and what Pulp's acts say of those that are not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField, ListField

from cartwheel.api.keys import address
from cartwheel.api.references import REPOSITORIES, VERSIONS, id_of, not_found, repository_version
from cartwheel.kit.errors import Invalid
from cartwheel.registry.contents import known_versions
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import Repository, RepositoryVersion, User
from cartwheel.registry.repositories import ALL

UNITS_LIMIT = 20_000  # in one request

Found = Mapping[str, Any]  # reference -> what was found


class UnitsField(ListField):
    """References, not looked up yet. Where "*" may stand for all, it stands alone."""

    def __init__(self, *, all_words: str = "Cannot supply content units and '*'.", **options: Any) -> None:
        super().__init__(child=CharField(), max_length=UNITS_LIMIT, **options)
        self.all_words = all_words

    def to_internal_value(self, data: Any) -> list[Any]:
        given = super().to_internal_value(data)
        if ALL in given and len(given) > 1:
            raise ValidationError(self.all_words)
        return given


class LinksField(ListField):
    """Things of a kind, found together for the user of the serializer's request."""

    def __init__(
        self,
        kind: re.Pattern[str],
        find_all: Callable[[list[str], User], Found],
        *,
        max_length: int = UNITS_LIMIT,
        **options: Any,
    ) -> None:
        super().__init__(child=CharField(), max_length=max_length, **options)
        self.kind, self.find_all = kind, find_all

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > (self.max_length or UNITS_LIMIT):
            self.fail("max_length", max_length=self.max_length)  # before the work that it is to save
        references = list(dict.fromkeys(super().to_internal_value(data)))
        found = self.find_all(references, self.context["request"].user)
        for each in references:
            if each not in found:
                raise not_found(each, self.kind)
        return list(dict.fromkeys(found[each] for each in references))


def find_units(references: Iterable[str], user: User) -> Found:
    """Ids of collection versions that the user may know of."""
    ids = {each: id_of(each, VERSIONS) for each in references}
    wanted = [each for each in ids.values() if each]
    known = set(known_versions(user).filter(pk__in=wanted).values_list("pk", flat=True))
    return {reference: each for reference, each in ids.items() if each in known}


def find_repositories(references: Iterable[str], user: User) -> Found:
    ids = {each: id_of(each, REPOSITORIES) for each in references}
    wanted = [each for each in ids.values() if each]
    rows = Repository.objects.filter(readable_by(user)).in_bulk(wanted)
    return {reference: rows[each] for reference, each in ids.items() if each in rows}


def find_repository_versions(references: Iterable[str], user: User) -> dict[str, RepositoryVersion]:
    """One statement for each: there are few."""
    found = {each: repository_version(each, user) for each in references}
    return {each: version for each, version in found.items() if version}


def content_units(references: list[str], user: User) -> list[UUID]:
    """The ids of collection versions. Raises ValidationError, not told of any field."""
    _require_addresses(references)
    found = find_units(references, user)
    if missing := [each for each in references if each not in found]:
        raise ValidationError([f"Could not find the following content units: {missing}"])
    return list(dict.fromkeys(found[each] for each in references))


def each_found(references: list[str], found: Found, what: str) -> list[Any]:
    """What was found, in order. Raises ValidationError, not told of any field, if one is missing."""
    _require_addresses(references)
    for each in references:
        if each not in found:
            raise ValidationError([f"URI {each} not found for {what}."])
    return list(dict.fromkeys(found[each] for each in references))


def _require_addresses(references: Iterable[str]) -> None:
    try:
        for each in references:
            address(each)
    except Invalid as problem:
        raise ValidationError([problem.message]) from None
