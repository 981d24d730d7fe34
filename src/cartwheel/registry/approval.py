"""Approval without a person: what a hub does that asks for none."""

from __future__ import annotations

from cartwheel.engine.functions import task
from cartwheel.registry.companions import copy_into
from cartwheel.registry.models import CollectionVersion
from cartwheel.registry.repositories import Gone, change_contents, changing, lock

PUBLISHED = "published"  # the path of the distribution whose repository holds what is approved


@task("galaxy_ng.app.tasks.promotion.auto_approve", title="Approve a collection version")
def auto_approve(version_id: str, staging_id: str, published_id: str) -> None:
    """Put a version into published; it leaves staging if it was there. The task must hold both alone.

    Raises Gone if the version was deleted meanwhile.
    """
    with changing():
        version = list(CollectionVersion.objects.filter(pk=version_id).only("pk"))
        if not version:
            raise Gone
        by_id = {str(each.pk): each for each in lock([staging_id, published_id])}
        copy_into(by_id[published_id], version, source=by_id[staging_id])
        change_contents(by_id[staging_id], remove=version)
