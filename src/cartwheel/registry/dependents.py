"""Who depends on a collection?"""

from __future__ import annotations

from collections.abc import Iterable

from cartwheel.kit.versions import matches, parse
from cartwheel.registry.contents import known_versions
from cartwheel.registry.models import Collection, CollectionVersion, User


def dependents(collection: Collection, versions: Iterable[str], *, to: User) -> list[str]:
    """The versions of other collections whose dependencies allow one of these versions of a collection.

    As "namespace.name version", sorted; those in any repository count. Last, how many there are that the
    user may not know of.
    """
    known = [parsed for each in versions if (parsed := parse(each))]
    rows = (
        CollectionVersion.objects.filter(dependencies__has_key=str(collection))
        .exclude(collection=collection)
        .order_by("namespace", "name", "version_key")
        .values_list("pk", "namespace", "name", "version", "dependencies")
    )
    found = {
        pk: f"{namespace}.{name} {version}"
        for pk, namespace, name, version, wanted in rows
        if any(matches(each, str(wanted[str(collection)])) for each in known)
    }
    told = set(known_versions(to).filter(pk__in=found).values_list("pk", flat=True)) if found else set()
    hidden = [f"{len(found) - len(told)} that you may not see"] if len(told) < len(found) else []
    return [name for pk, name in found.items() if pk in told] + hidden
