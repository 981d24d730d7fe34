"""What a hub has from the start: its repositories and remotes, its roles and the user admin."""

from __future__ import annotations

import secrets

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from cartwheel.registry.models import CollectionRemote, Distribution, Repository, RepositoryVersion, User
from cartwheel.registry.remotes import STOCK as REMOTES
from cartwheel.registry.repositories import STOCK
from cartwheel.registry.roles import make_locked, missing_locked
from cartwheel.registry.routines import ensure_stock

ADMIN = "admin"
PASSWORD_BYTES = 18  # of chance in a generated password: 24 characters

DESCRIPTIONS = {  # of the repositories, in the order in which they are made: clients list the newest first
    "staging": None,
    "rejected": None,
    "published": "Certified content repository",
    "community": "Community content repository",
    "rh-certified": "Red Hat certified content repository",
    "validated": "Validated collections",
}


def bootstrap(admin_password: str) -> str | None:
    """Make what is missing; two statements when nothing is.

    Gives back the password of the user admin if one had to be generated: it is kept nowhere, so show
    it. Repositories and admin are made on an empty hub only, so what somebody has deleted stays
    deleted. Several processes may do this at the same time: one of them wins.
    """
    if missing := missing_locked():
        make_locked(missing)
    if User.objects.exists():
        return None
    password = admin_password or secrets.token_urlsafe(PASSWORD_BYTES)
    hashed = make_password(password)  # takes 0.3 s: not while the database is held
    try:
        is_first = _fill(hashed)
    except IntegrityError:
        return None  # another process was quicker
    return password if is_first and not admin_password else None


@transaction.atomic
def _fill(hashed_password: str) -> bool:
    """False if another process has done it meanwhile."""
    if User.objects.exists():
        return False
    # First of all, so that of two processes the second stops here and waits for how it goes.
    User.objects.create(
        username=ADMIN,
        email="admin@example.com",
        password=hashed_password,
        is_superuser=True,
        is_staff=True,
    )
    for name, description in DESCRIPTIONS.items():
        _make_repository(name, description)
    ensure_stock()
    return True


def _make_repository(name: str, description: str | None) -> None:
    details = REMOTES.get(name)
    remote = CollectionRemote.objects.create(name=name, **details) if details else None
    repository = Repository.objects.create(
        name=name, description=description, labels=STOCK[name], retain_repo_versions=1, remote=remote
    )
    RepositoryVersion.objects.create(repository=repository, number=0)
    Distribution.objects.create(name=name, base_path=name, repository=repository)
