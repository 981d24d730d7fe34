"""Labels of distributions, put on and taken off one at a time."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from cartwheel.kit.errors import Invalid
from cartwheel.registry.distribution_settings import require_change
from cartwheel.registry.models import Distribution, User

Labels = dict[str, str | None]


def set_label(distribution: Distribution, key: str, value: str | None, *, by: User) -> None:
    """Give a distribution a label, or another value for it."""
    _change(distribution, lambda labels: labels | {key: value}, by)


def unset_label(distribution: Distribution, key: str, *, by: User) -> str | None:
    """Take a label from a distribution; gives back its value. Raises Invalid if there is none."""
    if key not in distribution.labels:
        raise Invalid(f"Label with the key {key} does not exist.", field="key")
    value: str | None = distribution.labels[key]
    _change(distribution, lambda labels: {name: labels[name] for name in labels if name != key}, by)
    return value


def _change(distribution: Distribution, change: Callable[[Labels], Labels], by: User) -> None:
    require_change(distribution, by=by)
    with transaction.atomic():
        locked = Distribution.objects.select_for_update().get(pk=distribution.pk)
        locked.labels, locked.updated_at = change(locked.labels), timezone.now()
        locked.save(update_fields=["labels", "updated_at"])
