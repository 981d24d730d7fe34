"""Giving back disk space, as Pulp's clients ask for it: here there is never any to give back this way."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from cartwheel.engine.functions import Call, Options, task
from cartwheel.engine.models import Task
from cartwheel.engine.progress import progress
from cartwheel.registry.models import Repository, User
from cartwheel.registry.permissions import require_superuser

log = logging.getLogger(__name__)


def reclaim(repositories: Iterable[Repository], *, by: User) -> Task:
    """Look for files of these repositories that could be fetched again, as a task. Superusers only."""
    require_superuser(by)
    return reclaim_space.dispatch([str(each.pk) for each in repositories], call=Call(by=by))


@task(
    "pulpcore.app.tasks.reclaim_space.reclaim_space",
    title="Give back disk space",
    options=Options(repeatable=True),
)
def reclaim_space(repo_pks: list[str]) -> None:
    """Report that nothing can go: a file that is listed is served from here, whether it was synced or uploaded."""
    with progress("Reclaim disk space", code="reclaim-space.artifact", total=0):
        log.info("nothing to give back repositories=%d: clean up orphans instead", len(repo_pks))
