"""One thing of each kind, with names as long as they may be, and more of some than a page holds."""

from __future__ import annotations

import make
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from cartwheel.engine.models import ProgressReport, Reservation, Task
from cartwheel.registry.models import (
    CollectionImport,
    CollectionRemote,
    CollectionVersion,
    Distribution,
    Repository,
    Role,
    RoleGrant,
)
from cartwheel.registry.permissions import object_type
from cartwheel.registry.repositories import change_contents
from cartwheel.registry.sync.task import sync

LONG = "a_name_of_64_characters_which_is_as_many_as_there_may_ever_be_in"
WIDE_TABLE = f"<table><tbody><tr>{'<td>column</td>' * 100}</tr></tbody></table>"
MORE_THAN_A_PAGE = 51


@transaction.atomic  # else each row waits for the disk
def make_all() -> dict[str, object]:
    """The ids of what was made, by the names of their kinds. The repository, too, has an id: its name is LONG."""
    space = make.namespace(
        LONG,
        company=LONG,
        description=LONG,
        links=[{"name": "Home", "url": "https://example.org/"}],
        resources=f"# {LONG}",
    )
    remote = CollectionRemote.objects.create(
        name=LONG, url=f"https://{LONG}.example.org/", requirements_file=LONG, token="secret"
    )
    shelf = Repository.objects.create(
        name=LONG, remote=remote, description=LONG, labels={LONG: LONG}, private=True
    )
    Distribution.objects.create(name=LONG, base_path=LONG, repository=shelf)
    community, staging = (Repository.objects.get(name=each) for each in ("community", "staging"))
    for each in _collections("community", "1.0.0"):
        change_contents(community, add=[each])  # one after the other: it has many versions, too
    change_contents(staging, add=_collections("staging", "0.1.0"))
    return {
        "import": _import().pk,
        "remote": remote.pk,
        "sync": _sync(shelf).pk,
        **_people([space, remote, shelf]),
    }


def _collections(prefix: str, version: str) -> list[CollectionVersion]:
    return [
        make.version(
            f"{LONG}.{prefix}_{number:02}" if number else f"{LONG}.{LONG}",
            version,
            contents=[{"content_type": "module", "name": "ping", "description": LONG}],
            tags=["net", LONG],
            description=LONG * 20,
            docs_blob={"collection_readme": {"name": "README.md", "html": WIDE_TABLE}},
            authors=[LONG],
            dependencies={f"{LONG}.other": ">=1", "team.tools": "*"},
        )
        for number in range(MORE_THAN_A_PAGE)
    ]


def _ended(name: str) -> Task:
    now = timezone.now()
    error = {"description": LONG * 4, "traceback": ""}
    return Task.objects.create(
        name=name, title=LONG, state="failed", created_at=now, started_at=now, finished_at=now, error=error
    )


def _import() -> Task:
    task = _ended("import")
    CollectionImport.objects.create(task=task, namespace=LONG, name=LONG, version="1.0.0")
    return task


def _sync(shelf: Repository) -> Task:
    task = _ended(sync.name)
    Reservation.objects.create(task=task, resource=shelf.prn, exclusive=True, hold=Reservation.Hold.RELEASED)
    ProgressReport.objects.create(task=task, message=LONG, code="x", state="failed", total=3, done=1)
    return task


def _people(things: list[Model]) -> dict[str, object]:
    user = make.user(LONG, email=f"{LONG}@example.org", first_name=LONG)
    group = make.group(LONG, user)
    role = Role.objects.create(
        name=LONG, description=LONG, permissions=["galaxy.add_namespace", "galaxy.change_namespace"]
    )
    for who in ({"user": user}, {"group": group}):
        RoleGrant.objects.create(role=role, **who)
        for each in things:
            RoleGrant.objects.create(role=role, object_type=object_type(each), object_id=str(each.pk), **who)
    return {"user": user.pk, "group": group.pk, "role": role.pk}
