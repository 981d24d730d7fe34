"""What search sorts and compares by, worked out again from the versions themselves."""

from __future__ import annotations

import logging

from django.db.models import F, OuterRef, Subquery

from cartwheel.engine.functions import Call, Options, task
from cartwheel.engine.gate import HUB_ID
from cartwheel.engine.models import Task
from cartwheel.engine.progress import progress
from cartwheel.kit.versions import parse, sort_key
from cartwheel.registry.counting import note_read_again
from cartwheel.registry.models import CollectionVersion, Repository, RepositoryContent, User
from cartwheel.registry.permissions import require_superuser
from cartwheel.registry.repositories import changing, lock
from cartwheel.registry.standing import note_standing
from cartwheel.registry.walking import each_of

log = logging.getLogger(__name__)

COPIED = ("version_key", "collection", "namespace", "name")  # from a version to its places in repositories


def rebuild_search(*, by: User) -> Task:
    """Work it out again for all versions, as a task. Superusers only."""
    require_superuser(by)
    return rebuild_index.dispatch(call=Call(exclusive=[f"pdrn:{HUB_ID}:search"], by=by))


@task(
    "pulp_ansible.app.tasks.collectionversion_index.rebuild_index",
    title="Rebuild what search sorts by",
    options=Options(repeatable=True, coalesces=True),
)
def rebuild_index() -> None:
    """Corrects what differs from what the versions say, and nothing else."""
    rows = CollectionVersion.objects.only("version", "version_key")
    with progress("Compare versions", code="search.versions", total=rows.count()) as report:
        for row in each_of(rows):
            version = parse(row.version)
            if version is not None and row.version_key != sort_key(version):
                log.warning("the order of version %s (%s) was wrong", row.version, row.pk)
                CollectionVersion.objects.filter(pk=row.pk).update(
                    version_key=sort_key(version), is_prerelease=bool(version.prerelease)
                )
            report.increase()
    with changing():
        mine = CollectionVersion.objects.filter(pk=OuterRef("collection_version"))
        wrong = RepositoryContent.objects.exclude(
            **{each: F(f"collection_version__{each}") for each in COPIED}
        )
        count = RepositoryContent.objects.filter(pk__in=wrong.values("pk")).update(
            **{each: Subquery(mine.values(each)[:1]) for each in COPIED}
        )
        everywhere = lock(Repository.objects.values_list("pk", flat=True))
        count += sum(note_standing(each, None) for each in everywhere)
        note_read_again()
    log.info("corrected %d places of versions in repositories", count)
