"""The child task of an import that lints what was imported, where `cartwheel[importer]` is installed.

The import does not wait for it. What it says stands in the import's log, as soon as it is said.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from django.conf import settings

from cartwheel.engine.functions import Call, Options, task
from cartwheel.engine.models import Task
from cartwheel.registry.collections import HEAVY
from cartwheel.registry.discretion import title_about
from cartwheel.registry.files import open_artifact
from cartwheel.registry.linting.copies import write_copy
from cartwheel.registry.linting.program import is_installed, lint
from cartwheel.registry.models import CollectionVersion, Repository

LINT = "cartwheel.registry.lint"
TURN = "lint"  # a resource: linting takes a core for a while, so only one collection is linted at a time
LIMIT_SECONDS = 900

log = logging.getLogger(__name__)


def start_linting(version: CollectionVersion, into: Repository | None = None) -> Task | None:
    """Make the task that lints a version, as a child of the task that runs, if the hub lints at all.

    `into` is the repository that it is for.
    """
    if not (settings.CONFIG.lint and is_installed()):
        return None
    call = Call(exclusive=[TURN], title=title_about(f"Lint {version}", into))
    return lint_collection.dispatch(version.pk, call=call)


@task(
    LINT,
    title="Lint a collection version",
    options=Options(repeatable=True, hard_seconds=LIMIT_SECONDS),
)
def lint_collection(version_id: str) -> None:
    """Log what galaxy-importer and ansible-lint say of a version. Nothing of it is run."""
    found = CollectionVersion.objects.select_related("artifact").defer(*HEAVY)
    version = found.filter(pk=version_id).first()
    if version is None:
        log.info("The version is gone.")
        return
    if not is_installed():
        log.warning("This host has no galaxy-importer: pip install 'cartwheel[importer]'")
        return
    with tempfile.TemporaryDirectory(prefix="cartwheel-lint-") as folder:
        with open_artifact(version.artifact) as packed:
            copy = write_copy(packed, Path(folder).resolve())
        for level, message in lint(copy):
            log.log(logging.getLevelNamesMapping()[level], "%s", message)
