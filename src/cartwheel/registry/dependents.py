"""Who depends on a collection?"""

from __future__ import annotations

from collections.abc import Iterable

from cartwheel.kit.versions import matches, parse
from cartwheel.registry.models import Collection, CollectionVersion


def dependents(collection: Collection, versions: Iterable[str]) -> list[str]:
    """The versions of other collections whose dependencies allow one of these versions of a collection.

    As "namespace.name version", sorted; those in any repository count.
    """
    known = [parsed for each in versions if (parsed := parse(each))]
    rows = (
        CollectionVersion.objects.filter(dependencies__has_key=str(collection))
        .exclude(collection=collection)
        .order_by("namespace", "name", "version_key")
        .values_list("namespace", "name", "version", "dependencies")
    )
    return [
        f"{namespace}.{name} {version}"
        for namespace, name, version, wanted in rows
        if any(matches(each, str(wanted[str(collection)])) for each in known)
    ]
