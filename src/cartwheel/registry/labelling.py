"""Labels of repositories, remotes and distributions: given and taken by whoever may change the object."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from cartwheel.kit.errors import Invalid
from cartwheel.registry import distribution_settings, remotes, repository_settings
from cartwheel.registry.models import CollectionRemote, Distribution, Repository, User
from cartwheel.registry.permissions import require

Labelled = Repository | CollectionRemote | Distribution


def require_label(target: Labelled, *, by: User) -> None:
    """Raises Denied for those who may not change the object."""
    if isinstance(target, Distribution):
        distribution_settings.require_change(target, by=by)
    else:
        require(by, repository_settings.CHANGE if isinstance(target, Repository) else remotes.CHANGE, target)


def set_label(target: Labelled, key: str, value: str | None, *, by: User) -> None:
    """Give an object a label, or another value for it."""
    require_label(target, by=by)
    with transaction.atomic():
        locked = _locked(target)
        locked.labels = {**locked.labels, key: value}
        _save(locked)


def unset_label(target: Labelled, key: str, *, by: User) -> str | None:
    """Take a label from an object; gives back its value. Raises Invalid if there is none."""
    require_label(target, by=by)
    with transaction.atomic():
        locked = _locked(target)
        if key not in locked.labels:
            raise Invalid(f"Label with the key {key} does not exist.", field="key")
        value: str | None = locked.labels.pop(key)
        _save(locked)
    return value


def _locked(target: Labelled) -> Labelled:
    """Two may change labels of one object at the same moment: neither shall undo the other's change."""
    found: Labelled = type(target)._default_manager.select_for_update().get(pk=target.pk)
    return found


def _save(target: Labelled) -> None:
    target.updated_at = timezone.now()
    target.save(update_fields=["labels", "updated_at"])
