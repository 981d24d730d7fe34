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
from django.utils.translation import gettext

from cartwheel.engine.gate import HUB
from cartwheel.registry.contents import known_versions
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import (
    CollectionRemote,
    CollectionVersion,
    Repository,
    RepositoryContent,
    User,
)

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


def resource_labels(names: Iterable[str], user: User) -> dict[str, str]:
    """What to call each of these resources. Three statements at most."""
    return {name: thing.label for name, thing in resource_things(names, user).items()}


def resource_things(names: Iterable[str], user: User) -> dict[str, Thing]:
    """These resources as things; what has no page of its own leads to the tasks that use it.

    A private repository is named to those only who may read it.
    """
    names = list(dict.fromkeys(names))  # a hundred tasks often wait for the same
    known = _objects(names, REPOSITORY, Repository, "repository")
    known |= _objects(names, REMOTE, CollectionRemote, "remote")
    things = {
        name: _thing(name, *known[name]) if name in known else _used(name, _plain(name)) for name in names
    }
    repositories = [found for found, _ in known.values() if isinstance(found, Repository)]
    return things | {
        each.prn: _used(each.prn, gettext("a private repository")) for each in _hidden(repositories, user)
    }


Known = tuple[Repository | CollectionRemote, str]  # with the name of its page


def _objects(
    names: Iterable[str], pattern: re.Pattern[str], model: type[Repository | CollectionRemote], page: str
) -> dict[str, Known]:
    """Those of the resources that are objects of a model. One statement, or none."""
    ids = {name: UUID(match[1]) for name in names if (match := pattern.fullmatch(name))}
    found: dict[UUID, Any] = model.objects.in_bulk(ids.values()) if ids else {}
    return {name: (found[pk], page) for name, pk in ids.items() if pk in found}


def _thing(name: str, found: Repository | CollectionRemote, page: str) -> Thing:
    return Thing(found.name, page, page_of(page, found) or _used(name, "").address)


def _hidden(repositories: Iterable[Repository], user: User) -> list[Repository]:
    """Those of the repositories that the person may not know of. Two statements, none if all are public."""
    private = {each.pk: each for each in repositories if each.private}
    if not private:
        return []
    readable = Repository.objects.filter(readable_by(user), pk__in=private)
    return [private[pk] for pk in private.keys() - set(readable.values_list("pk", flat=True))]


def _used(name: str, label: str) -> Thing:
    return Thing(label, "", "" if name == HUB else f"{reverse('tasks')}?{urlencode({'resource': name})}")


def page_of(name: str, *args: Any) -> str:
    """The address of the page of that name, nothing if there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def held_things(record: Iterable[str], user: User) -> list[Thing]:
    """The resources of a task, from its reserved_resources_record, but for the hub that all share."""
    entries = [(name.removeprefix("shared:"), name.startswith("shared:")) for name in record]
    mine = [(name, is_shared) for name, is_shared in entries if name != HUB or not is_shared]
    things = resource_things((name for name, _ in mine), user)
    return [
        replace(things[name], kind=gettext("shared") if is_shared else gettext("exclusive"))
        for name, is_shared in mine
    ]


def made_things(paths: Iterable[str], user: User) -> list[Thing]:
    """What a task made, from addresses below the root of Pulp's API. Eight statements at most."""
    paths = list(paths)
    in_repositories = {path: match for path in paths if (match := REPOSITORY_VERSION.fullmatch(path))}
    collections = {path: UUID(match[1]) for path in paths if (match := COLLECTION_VERSION.fullmatch(path))}
    repositories = Repository.objects.in_bulk([UUID(match[1]) for match in in_repositories.values()])
    versions = _known_versions(collections.values(), user)
    places = _places(versions, user)
    hidden = {each.pk for each in _hidden(repositories.values(), user)}
    made = []
    for path in paths:
        label, address = path, f"{settings.CONFIG.api_prefix}pulp/api/v3/{path}"
        if path in in_repositories:
            repository = repositories.get(UUID(in_repositories[path][1]))
            number = in_repositories[path][2]
            if repository:
                name = gettext("a private repository") if repository.pk in hidden else repository.name
                label = gettext("%(name)s, version %(number)s") % {"name": name, "number": number}
            if repository and repository.pk not in hidden:
                address = page_of("repository", repository) or address
        elif version := versions.get(collections.get(path, UUID(int=0))):
            label = str(version)
            place = places.get(version.pk)
            page = place and page_of("collection", place, version.namespace, version.name)
            address = f"{page}?version={version.version}" if page else address
        made.append(Thing(label, address=address))
    return made


def _known_versions(ids: Iterable[UUID], user: User) -> dict[UUID, CollectionVersion]:
    """But for those that are only where the person may not read. Three statements, or none."""
    found = CollectionVersion.objects.in_bulk(ids) if ids else {}
    if not found:
        return {}
    placed = RepositoryContent.objects.filter(collection_version__in=found)
    known = known_versions(user).filter(pk__in=found).values_list("pk", flat=True)
    hidden = set(placed.values_list("collection_version", flat=True)) - set(known)
    return {pk: version for pk, version in found.items() if pk not in hidden}


def _places(versions: Iterable[UUID], user: User) -> dict[UUID, Repository]:
    """A repository that each of these collection versions is in. Two statements, or none."""
    ids = list(versions)
    if not ids:
        return {}
    readable = Repository.objects.filter(readable_by(user))
    placed = RepositoryContent.objects.filter(
        collection_version__in=ids, removed=None, repository__in=readable
    )
    return {each.collection_version_id: each.repository for each in placed.select_related("repository")}


def resources_called(text: str, user: User) -> list[str]:
    """The names of the resources that a person may mean. Two statements.

    No private repository that they may not read: that a task is found would tell that it is called so.
    """
    repositories = Repository.objects.filter(readable_by(user), name__icontains=text)
    remotes = CollectionRemote.objects.filter(name__icontains=text)
    found = [text]
    for known in (repositories, remotes):
        found += [each.prn for each in known.order_by("name").only("pk")[:CALLED]]
    return found


def _plain(name: str) -> str:
    """A resource that nothing is known about: "namespace 12" for "prn:galaxy.namespace:12"."""
    if name == HUB:
        return gettext("the whole hub")
    scheme, *parts = name.split(":")
    if scheme != "prn" or len(parts) != 2:
        return name
    return f"{parts[0].rpartition('.')[2]} {parts[1]}"
