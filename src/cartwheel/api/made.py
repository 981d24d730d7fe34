"""What tasks have made, as clients name it who look for the task."""

from __future__ import annotations

from django.db.models import Model, QuerySet
from django.urls import is_valid_path
from rest_framework.exceptions import ValidationError

from cartwheel.api.addresses import below_pulp, prefixes
from cartwheel.api.collection_filters import place
from cartwheel.api.filters import uuids
from cartwheel.registry.models import (
    CollectionRemote,
    CollectionVersion,
    Distribution,
    Repository,
    RepositoryVersion,
)

KINDS: dict[
    str, tuple[str, type[Model]]
] = {  # the list that it is in -> what PRNs call it, and what it is here
    "repositories/ansible/ansible/": ("ansible.ansiblerepository", Repository),
    "remotes/ansible/collection/": ("ansible.collectionremote", CollectionRemote),
    "distributions/ansible/ansible/": ("ansible.ansibledistribution", Distribution),
    "content/ansible/collection_versions/": ("ansible.collectionversion", CollectionVersion),
}


def path_of_made(reference: str) -> str:
    """The path of something that is there, given its address or PRN. Raises ValidationError, in Pulp's words."""
    if where := place(reference):
        rows = RepositoryVersion.objects.filter(repository=where.repository, number=where.number)
        path = f"repositories/ansible/ansible/{where.repository}/versions/{where.number}/"
        return _there(reference, path, "core.repositoryversion", rows)
    for root, (name, model) in KINDS.items():
        if key := _key(reference, root, name):
            return _there(
                reference, f"{root}{key}/", name, model._default_manager.filter(pk__in=uuids([key]))
            )
    other = below_pulp(reference)
    if other is None or not is_valid_path(f"{prefixes()[0]}pulp/api/v3/{other}"):
        raise ValidationError([f"URI not valid: {reference}"])
    return other


def _key(reference: str, root: str, name: str) -> str:
    """What names one thing of the list at `root`; empty if that is not what is meant."""
    path, prn = below_pulp(reference) or "", f"prn:{name}:"
    if reference.startswith(prn):
        return reference.removeprefix(prn)
    key = path.removeprefix(root).rstrip("/")
    return key if path.startswith(root) and "/" not in key else ""


def _there(reference: str, path: str, name: str, rows: QuerySet[Model]) -> str:
    if not rows.exists():
        raise ValidationError([f"URI {reference} not found for {name.partition('.')[2]}."])
    return path
