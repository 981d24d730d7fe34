"""Deprecate collections: they stay, and are no longer recommended."""

from __future__ import annotations

from cartwheel.engine.functions import Call
from cartwheel.engine.models import Task
from cartwheel.registry.contents import MODIFY
from cartwheel.registry.discretion import title_about
from cartwheel.registry.models import Collection, Namespace, Repository, User
from cartwheel.registry.permissions import allows, require
from cartwheel.registry.repositories import add_and_remove

UPLOAD = "galaxy.upload_to_namespace"


def require_deprecate(collection: Collection, repository: Repository, *, by: User) -> None:
    """Whoever may change the repository or publish into the namespace may deprecate. Raises Denied."""
    namespace = Namespace.objects.filter(name=collection.namespace).first()
    if not allows(by, UPLOAD, namespace):
        require(by, MODIFY, repository)


def deprecate(collection: Collection, repository: Repository, *, by: User) -> Task:
    """Mark all versions of a collection in a repository as no longer recommended, as a task."""
    title = title_about(f"Deprecate {collection} in {repository}", repository)
    call = Call(exclusive=[repository.prn], by=by, title=title)
    return add_and_remove.dispatch(repository.pk, [], [], deprecate=[collection.pk], call=call)


def recommend(collection: Collection, repository: Repository, *, by: User) -> Task:
    """Take a deprecation back, as a task."""
    title = title_about(f"Recommend {collection} in {repository} again", repository)
    call = Call(exclusive=[repository.prn], by=by, title=title)
    return add_and_remove.dispatch(repository.pk, [], [], recommend=[collection.pk], call=call)
