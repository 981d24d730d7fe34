"""What tasks hold and make, in words a person knows: "published", not "prn:ansible.ansiblerepository:018f…"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from cartwheel.engine.gate import HUB
from cartwheel.registry.models import CollectionRemote, CollectionVersion, Repository

CALLED = 50  # objects with a text in their names, of each kind
_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
REPOSITORY = re.compile(rf"prn:ansible\.ansiblerepository:{_ID}")
REPOSITORY_VERSION = re.compile(rf"repositories/ansible/ansible/{_ID}/versions/(\d+)/")
COLLECTION_VERSION = re.compile(rf"content/ansible/collection_versions/{_ID}/")


@dataclass(frozen=True)
class Thing:
    """Something with a name; `address` leads to it, if anything does."""

    label: str
    kind: str = ""
    address: str = ""


def resource_labels(names: Iterable[str]) -> dict[str, str]:
    """What to call each of these resources. One statement, or none."""
    found = dict.fromkeys(names, "")
    ids = {name: UUID(match[1]) for name in found if (match := REPOSITORY.fullmatch(name))}
    known = _repository_names(ids.values())
    return {name: known.get(ids.get(name)) or _plain(name) for name in found}


def held_things(record: Iterable[str]) -> list[Thing]:
    """The resources of a task, from its reserved_resources_record, but for the hub that all share."""
    entries = [(name.removeprefix("shared:"), name.startswith("shared:")) for name in record]
    mine = [(name, is_shared) for name, is_shared in entries if name != HUB]
    labels = resource_labels(name for name, _ in mine)
    return [Thing(labels[name], "shared" if is_shared else "exclusive") for name, is_shared in mine]


def made_things(paths: Iterable[str]) -> list[Thing]:
    """What a task made, from addresses below the root of Pulp's API. Two statements at most."""
    paths = list(paths)
    in_repositories = {path: match for path in paths if (match := REPOSITORY_VERSION.fullmatch(path))}
    collections = {path: UUID(match[1]) for path in paths if (match := COLLECTION_VERSION.fullmatch(path))}
    repositories = _repository_names(UUID(match[1]) for match in in_repositories.values())
    versions = CollectionVersion.objects.in_bulk(collections.values()) if collections else {}
    made = []
    for path in paths:
        label = path
        if path in in_repositories:
            name = repositories.get(UUID(in_repositories[path][1]))
            label = f"{name}, version {in_repositories[path][2]}" if name else path
        elif path in collections:
            label = str(versions.get(collections[path], path))
        made.append(Thing(label, address=f"{settings.CONFIG.api_prefix}pulp/api/v3/{path}"))
    return made


def resources_called(text: str) -> list[str]:
    """The names of the resources that a person may mean. Two statements."""
    found = [text]
    for model in (Repository, CollectionRemote):
        known = model.objects.filter(name__icontains=text).order_by("name")[:CALLED]
        found += [each.prn for each in known.only("pk")]
    return found


def _repository_names(ids: Iterable[UUID]) -> dict[UUID | None, str]:
    wanted = set(ids)
    if not wanted:
        return {}
    return dict(Repository.objects.filter(pk__in=wanted).values_list("pk", "name"))


def _plain(name: str) -> str:
    """A resource that nothing is known about: "namespace 12" for "prn:galaxy.namespace:12"."""
    if name == HUB:
        return "the whole hub"
    scheme, *parts = name.split(":")
    if scheme != "prn" or len(parts) != 2:
        return name
    return f"{parts[0].rpartition('.')[2]} {parts[1]}"
