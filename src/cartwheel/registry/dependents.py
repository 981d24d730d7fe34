"""Who depends on a collection, or on one version of it?"""

from __future__ import annotations

from collections.abc import Iterable

from semantic_version import Version

from cartwheel.kit.versions import matches, parse
from cartwheel.registry.contents import known_versions
from cartwheel.registry.models import Collection, CollectionVersion, User


def dependents(collection: Collection, *, to: User) -> list[str]:
    """The versions of other collections that name it among their dependencies, as `_told` says them."""
    return _told(list(_that_name(collection)), to)


def dependents_of_version(version: CollectionVersion, *, to: User) -> list[str]:
    """Those whose dependency this version satisfies and no other of its collection, as `_told` says them."""
    of_it = CollectionVersion.objects.filter(collection=version.collection)
    others = _parsed(of_it.exclude(pk=version.pk).values_list("version", flat=True))
    this, name = _parsed([version.version]), str(version.collection)

    def needs_it(dependent: CollectionVersion) -> bool:
        wanted = str(dependent.dependencies[name])
        return _satisfies(this, wanted) and not _satisfies(others, wanted)

    return _told([each for each in _that_name(version.collection) if needs_it(each)], to)


def _that_name(collection: Collection) -> Iterable[CollectionVersion]:
    """In whichever repositories they are, or in none."""
    return (
        CollectionVersion.objects.filter(dependencies__has_key=str(collection))
        .exclude(collection=collection)
        .order_by("namespace", "name", "version_key")
        .only("namespace", "name", "version", "dependencies")
    )


def _parsed(versions: Iterable[str]) -> list[Version]:
    return [parsed for each in versions if (parsed := parse(each))]


def _satisfies(versions: list[Version], wanted: str) -> bool:
    return any(matches(each, wanted) for each in versions)


def _told(found: list[CollectionVersion], to: User) -> list[str]:
    """As "namespace.name version", in their order; last, how many there are that the user may not know of."""
    if not found:
        return []
    told = set(known_versions(to).filter(pk__in=[each.pk for each in found]).values_list("pk", flat=True))
    hidden = [f"{len(found) - len(told)} that you may not see"] if len(told) < len(found) else []
    return [str(each) for each in found if each.pk in told] + hidden
