"""Uploading a collection: what is checked before it is accepted, and the task that imports it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from cartwheel.engine.child import EndsWith
from cartwheel.engine.functions import Call, TaskFunction
from cartwheel.engine.models import Task, TaskGroup
from cartwheel.kit.digests import Digests
from cartwheel.kit.errors import Denied, NotFound
from cartwheel.kit.filenames import Filename, parse_filename
from cartwheel.kit.ids import uuid7
from cartwheel.registry.approval import PUBLISHED
from cartwheel.registry.artifacts import Upload, discard_upload
from cartwheel.registry.contents import MODIFY
from cartwheel.registry.discretion import PRIVATE, name_for_all
from cartwheel.registry.imports import import_and_auto_approve, import_collection, import_to_staging
from cartwheel.registry.models import CollectionImport, Distribution, Namespace, Repository, User
from cartwheel.registry.permissions import DENIED, require

STAGING = "staging"

Import = TaskFunction[[str, str, dict[str, Any], str], EndsWith | None]


class NoNamespace(NotFound):
    """The file belongs into a namespace that is not there."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        super().__init__("Namespace in filename not found.")


@dataclass(frozen=True)
class Started:
    """An import that has been accepted: its task, and the path of the distribution that it goes to."""

    task: Task
    base_path: str


def start_import(
    upload: Upload,
    digests: Digests,
    filename: str,
    *,
    by: User,
    sha256: str = "",
    base_path: str | None = None,
) -> Started:
    """Accept an upload and make the task that imports it.

    `base_path` names the distribution whose repository it shall go to. What is meant for published goes
    to staging, as does what is meant for none: somebody must approve it. `sha256` is what the client
    says the file has; a wrong one fails the task. Raises BadFilename, NotFound, Denied; the upload is
    the caller's to discard then.
    """
    promised = parse_filename(filename)
    require(by, "galaxy.upload_to_namespace", _namespace(promised))
    path = STAGING if base_path in (None, PUBLISHED) else base_path
    repository = _repository(path or STAGING)
    _require_open(repository, by)
    is_approved = repository.pipeline == "staging" and not settings.CONFIG.require_content_approval
    function = import_and_auto_approve if is_approved else import_to_staging
    task = _make_task(upload, digests, promised, repository, function, by=by, sha256=sha256)
    return Started(task, path or STAGING)


def import_content(
    upload: Upload,
    digests: Digests,
    filename: str,
    *,
    by: User,
    sha256: str = "",
    repository: Repository | None = None,
) -> Task:
    """Likewise, for whoever may change the repository, past any approval.

    Without a repository it is put into none: somebody must do that before orphans are cleaned up.
    """
    promised = parse_filename(filename)
    require(by, "galaxy.upload_to_namespace", _namespace(promised))
    if repository is not None:
        require(by, MODIFY, repository)
    return _make_task(upload, digests, promised, repository, import_collection, by=by, sha256=sha256)


def _namespace(promised: Filename, rows: QuerySet[Namespace] | None = None) -> Namespace:
    rows = Namespace.objects.all() if rows is None else rows
    namespace = rows.filter(name=promised.namespace).first()
    if namespace is None:
        raise NoNamespace(promised.namespace)
    return namespace


def _repository(base_path: str) -> Repository:
    found = Distribution.objects.filter(base_path=base_path).select_related("repository").first()
    if found is None or found.repository is None:
        raise NotFound("Distribution does not exist.")
    return found.repository


def _require_open(repository: Repository, by: User) -> None:
    """Anybody uploads to staging; to what has no part in approval, those who may change it; else nobody."""
    if repository.pipeline == "staging":
        return
    if repository.pipeline is not None:
        raise Denied(DENIED)
    require(by, MODIFY, repository)


def _make_task(
    upload: Upload,
    digests: Digests,
    promised: Filename,
    repository: Repository | None,
    function: Import,
    *,
    by: User,
    sha256: str,
) -> Task:
    title = f"Import {promised.namespace}.{promised.name} {promised.version}"
    if repository and repository.private:
        title = f"Import into {PRIVATE}"
    task_id = uuid7()
    try:
        upload.give_to(task_id)  # not in the transaction: to an object store it may take long
        with transaction.atomic():
            # Locked, so that whoever deletes or renames it sees this task.
            _namespace(promised, Namespace.objects.select_for_update(no_key=True))
            place = name_for_all(repository) if repository else "no repository"
            group = TaskGroup.objects.create(description=f"Import collection to {place}")
            task = function.dispatch(
                str(promised),
                str(repository.pk) if repository else "",
                asdict(digests),
                sha256,
                call=Call(by=by, title=title, group=group, task_id=task_id),
            )
            hidden_in = repository.pk if repository and repository.private else None
            CollectionImport.objects.create(task=task, private_repository=hidden_in, **asdict(promised))
            return task
    except BaseException:  # whatever it was, and it is raised on: no task will take the file
        discard_upload(task_id)
        raise
