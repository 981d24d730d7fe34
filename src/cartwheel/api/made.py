"""What tasks have made, as clients name it who look for the task."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from django.urls import is_valid_path
from rest_framework.exceptions import ValidationError

from cartwheel.api.addresses import below_pulp, prefixes
from cartwheel.api.collection_filters import place
from cartwheel.api.keys import uuids
from cartwheel.registry.contents import known_versions
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import (
    CollectionRemote,
    Distribution,
    Repository,
    RepositoryVersion,
    User,
)

Person = User | AnonymousUser

KINDS = {  # the list that it is in -> what PRNs call it
    "repositories/ansible/ansible/": "ansible.ansiblerepository",
    "remotes/ansible/collection/": "ansible.collectionremote",
    "distributions/ansible/ansible/": "ansible.ansibledistribution",
    "content/ansible/collection_versions/": "ansible.collectionversion",
}


def path_of_made(reference: str, by: Person) -> str:
    """The path of something that is there, given its address or PRN. Raises ValidationError, in Pulp's words.

    What is in a private repository is not there for those who may not read it.
    """
    if where := place(reference):
        readable = Repository.objects.filter(readable_by(by), pk=where.repository)
        rows = RepositoryVersion.objects.filter(repository__in=readable, number=where.number)
        path = f"repositories/ansible/ansible/{where.repository}/versions/{where.number}/"
        return _there(reference, path, "core.repositoryversion", rows)
    for root, name in KINDS.items():
        if key := _key(reference, root, name):
            return _there(reference, f"{root}{key}/", name, _known(name, by).filter(pk__in=uuids([key])))
    other = below_pulp(reference)
    if other is None or not is_valid_path(f"{prefixes()[0]}pulp/api/v3/{other}"):
        raise ValidationError([f"URI not valid: {reference}"])
    return other


def _known(kind: str, by: Person) -> QuerySet[Model]:
    if kind == "ansible.ansiblerepository":
        return Repository.objects.filter(readable_by(by))
    if kind == "ansible.collectionversion":
        return known_versions(by)
    return (CollectionRemote if kind == "ansible.collectionremote" else Distribution).objects.all()


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
