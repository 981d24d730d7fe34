"""What tasks hold and make, in words a person knows: "published", not "prn:ansible.ansiblerepository:018f…"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from cartwheel.engine.gate import HUB
from cartwheel.registry.models import CollectionRemote, CollectionVersion, Repository, RepositoryContent

CALLED = 50  # objects with a text in their names, of each kind
_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
REPOSITORY = re.compile(rf"prn:ansible\.ansiblerepository:{_ID}")
REMOTE = re.compile(rf"prn:ansible\.collectionremote:{_ID}")
REPOSITORY_VERSION = re.compile(rf"repositories/ansible/ansible/{_ID}/versions/(\d+)/")
COLLECTION_VERSION = re.compile(rf"content/ansible/collection_versions/{_ID}/")


@dataclass(frozen=True)
class Thing:
    """Something with a name; `address` leads to it, if anything does."""

    label: str
    kind: str = ""
    address: str = ""


def resource_labels(names: Iterable[str]) -> dict[str, str]:
    """What to call each of these resources. Two statements at most."""
    return {name: thing.label for name, thing in resource_things(names).items()}


def resource_things(names: Iterable[str]) -> dict[str, Thing]:
    """These resources as things; what has no page of its own leads to the tasks that use it."""
    names = list(names)
    known = _objects(names, REPOSITORY, Repository, "repository")
    known |= _objects(names, REMOTE, CollectionRemote, "remote")
    return {name: known.get(name) or _used(name, _plain(name)) for name in names}


def _objects(
    names: Iterable[str], pattern: re.Pattern[str], model: type[Repository | CollectionRemote], page: str
) -> dict[str, Thing]:
    """Those of the resources that are objects of a model. One statement, or none."""
    ids = {name: UUID(match[1]) for name in names if (match := pattern.fullmatch(name))}
    found: dict[UUID, Any] = model.objects.only("pk", "name").in_bulk(ids.values()) if ids else {}
    return {
        name: Thing(found[pk].name, page, page_of(page, found[pk]) or _used(name, "").address)
        for name, pk in ids.items()
        if pk in found
    }


def _used(name: str, label: str) -> Thing:
    return Thing(label, "", "" if name == HUB else f"{reverse('tasks')}?{urlencode({'resource': name})}")


def page_of(name: str, *args: Any) -> str:
    """The address of the page of that name, nothing if there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def held_things(record: Iterable[str]) -> list[Thing]:
    """The resources of a task, from its reserved_resources_record, but for the hub that all share."""
    entries = [(name.removeprefix("shared:"), name.startswith("shared:")) for name in record]
    mine = [(name, is_shared) for name, is_shared in entries if name != HUB or not is_shared]
    things = resource_things(name for name, _ in mine)
    return [replace(things[name], kind="shared" if is_shared else "exclusive") for name, is_shared in mine]


def made_things(paths: Iterable[str]) -> list[Thing]:
    """What a task made, from addresses below the root of Pulp's API. Three statements at most."""
    paths = list(paths)
    in_repositories = {path: match for path in paths if (match := REPOSITORY_VERSION.fullmatch(path))}
    collections = {path: UUID(match[1]) for path in paths if (match := COLLECTION_VERSION.fullmatch(path))}
    repositories = Repository.objects.in_bulk([UUID(match[1]) for match in in_repositories.values()])
    versions = CollectionVersion.objects.in_bulk(collections.values()) if collections else {}
    places = _places(versions)
    made = []
    for path in paths:
        label, address = path, f"{settings.CONFIG.api_prefix}pulp/api/v3/{path}"
        if path in in_repositories:
            repository = repositories.get(UUID(in_repositories[path][1]))
            number = in_repositories[path][2]
            if repository:
                label = f"{repository.name}, version {number}"
                address = page_of("repository", repository) or address
        elif version := versions.get(collections.get(path, UUID(int=0))):
            label = str(version)
            place = places.get(version.pk)
            page = place and page_of("collection", place, version.namespace, version.name)
            address = f"{page}?version={version.version}" if page else address
        made.append(Thing(label, address=address))
    return made


def _places(versions: Iterable[UUID]) -> dict[UUID, Repository]:
    """A repository that each of these collection versions is in. One statement, or none."""
    ids = list(versions)
    if not ids:
        return {}
    placed = RepositoryContent.objects.filter(collection_version__in=ids, removed=None)
    return {each.collection_version_id: each.repository for each in placed.select_related("repository")}


def resources_called(text: str) -> list[str]:
    """The names of the resources that a person may mean. Two statements."""
    found = [text]
    for model in (Repository, CollectionRemote):
        known = model.objects.filter(name__icontains=text).order_by("name")[:CALLED]
        found += [each.prn for each in known.only("pk")]
    return found


def _plain(name: str) -> str:
    """A resource that nothing is known about: "namespace 12" for "prn:galaxy.namespace:12"."""
    if name == HUB:
        return "the whole hub"
    scheme, *parts = name.split(":")
    if scheme != "prn" or len(parts) != 2:
        return name
    return f"{parts[0].rpartition('.')[2]} {parts[1]}"
