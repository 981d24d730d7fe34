"""Remotes: what may be said of one, and how it is made, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from cartwheel.engine.functions import Call
from cartwheel.engine.models import Task
from cartwheel.kit.certificates import certificates_in
from cartwheel.kit.errors import Denied, Invalid, NameTaken
from cartwheel.kit.requirements import parse_requirements
from cartwheel.registry import general
from cartwheel.registry.access import give_to_maker, grants_on
from cartwheel.registry.models import CollectionRemote, Repository, User
from cartwheel.registry.permissions import DENIED, permissions_by_object, require
from cartwheel.registry.remote_documents import SECRETS, as_pulp_shows
from cartwheel.registry.remote_secrets import left_behind
from cartwheel.registry.repositories import changing
from cartwheel.registry.sealing import CannotReveal, is_same, reveal, seal

KIND = "remote"
VIEW, ADD = "ansible.view_collectionremote", "ansible.add_collectionremote"
CHANGE, DELETE = "ansible.change_collectionremote", "ansible.delete_collectionremote"
CERTIFICATES = ("ca_cert", "client_cert")
OWNER_ROLE = "galaxy.collection_remote_owner"

GALAXY = "https://galaxy.ansible.com"
COMMUNITY_HOSTS = frozenset(("galaxy.ansible.com", "galaxy-dev.ansible.com", "galaxy-qa.ansible.com"))

Change = dict[str, Any]  # column -> value; secrets are sealed

STOCK: dict[str, Change] = {  # what a hub has from the start, each for the repository of the same name
    "community": {"url": f"{GALAXY}/api/", "rate_limit": 8},
    "rh-certified": {
        "url": "https://console.redhat.com/api/automation-hub/content/published/",
        "auth_url": "https://sso.redhat.com/auth/realms/redhat-external/protocol/openid-connect/token",
        "rate_limit": 8,
    },
}


def sealed(given: Mapping[str, Any]) -> Change:
    """A change whose secrets nobody can read any more."""
    return {name: seal(value) if name in SECRETS else value for name, value in given.items()}


def viewable_by(user: User) -> QuerySet[CollectionRemote]:
    """The remotes that somebody may see. Raises Denied for those who may see none."""
    rows = CollectionRemote.objects.all()
    if user.is_superuser:
        return rows
    everywhere, by_id = permissions_by_object(user, "collectionremote")
    if VIEW in everywhere:
        return rows
    mine = [pk for pk, held in by_id.items() if VIEW in held]
    if not mine:
        raise Denied(DENIED)
    return rows.filter(pk__in=mine)


# -- what may be said -----------------------------------------------------------------------------


def check(given: Mapping[str, Any], known: CollectionRemote | None = None) -> None:
    """Raises Invalid for what cannot be. `given` are values by column, secrets not yet sealed."""
    if "url" in given:
        check_url(given["url"])
    _check_proxy(given, known)
    if given.get("auth_url") and not _value(given, known, "token"):
        raise _of_several("When specifying 'auth_url' you must also specify 'token'.")
    if given.get("requirements_file"):
        parse_requirements_of(given["requirements_file"])


def certified(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same with nothing but certificates where these belong. Raises Invalid."""
    pasted = {name: given[name] for name in CERTIFICATES if given.get(name)}
    return {**given, **{name: certificates_in(text, name) for name, text in pasted.items()}}


def parse_requirements_of(text: str) -> None:
    try:
        parse_requirements(text)
    except Invalid as problem:
        raise _of_several(problem.message) from None


def check_url(url: str) -> None:
    """An address of a server: with http or https, a host, no credentials, and a slash at the end."""
    if not url.endswith("/") and not url.startswith(GALAXY):
        raise _of_several(f"Invalid URL {url}. Ensure the URL ends '/'.")
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port  # raises ValueError if it is no number
    except ValueError:
        is_address = False
    if not is_address or any(each.isspace() or not each.isprintable() for each in url):
        raise Invalid("Enter a valid URL.", field="url")
    if "@" in parts.netloc:
        raise Invalid(
            "The remote url contains username or password. Please use remote username or password instead.",
            field="url",
        )


def _check_proxy(given: Mapping[str, Any], known: CollectionRemote | None) -> None:
    if not any(name.startswith("proxy_") for name in given):
        return
    url = _value(given, known, "proxy_url")
    if url and "@" in url:
        raise Invalid("proxy_url must not contain credentials", field="proxy_url")
    if given.get("proxy_url") and not _is_proxy(url):
        raise Invalid("Enter a valid URL.", field="proxy_url")
    username, password = (_value(given, known, name) for name in ("proxy_username", "proxy_password"))
    if (username or password) and not url:
        raise _of_several("proxy credentials cannot be specified without a proxy")
    if bool(username) is not bool(password):
        raise _of_several("proxy username and password can only be specified together")


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https", "socks5", "socks5h") and bool(parts.hostname)


def _value(given: Mapping[str, Any], known: CollectionRemote | None, name: str) -> Any:
    """What it will be. Of a known secret, only whether there is one counts."""
    return given[name] if name in given else getattr(known, name, None)


def _of_several(message: str) -> Invalid:
    return Invalid(message, field="non_field_errors")


def is_community(url: str) -> bool:
    """Is it the server of everybody, which nobody should copy as a whole?"""
    return urlsplit(url).hostname in COMMUNITY_HOSTS


# -- acts -----------------------------------------------------------------------------------------


def create_remote(given: Mapping[str, Any], *, by: User) -> CollectionRemote:
    """Make a remote; it is its maker's. `given` are values by column. Raises Invalid, Denied."""
    require(by, ADD)
    given = certified(given)
    check(given)
    try:
        with transaction.atomic():
            remote = CollectionRemote.objects.create(**sealed(given))
            give_to_maker(remote, OWNER_ROLE, by)
    except IntegrityError:
        raise NameTaken from None
    return remote


def change_remote(
    remote: CollectionRemote,
    given: Mapping[str, Any],
    *,
    by: User,
    checked: bool = True,
    always: bool = False,
) -> Task | None:
    """Make the task that changes a remote; None if nothing would be different, unless there shall be one `always`.

    Raises Invalid, Denied. It is done within the request unless a sync uses the remote. `checked=False` leaves out the rules
    for several values, which some clients do not know.
    """
    require(by, CHANGE, remote)
    given = certified(given)
    if checked:
        check(given, remote)
    change = difference(remote, given)
    if not (change or always):
        return None
    if "name" in change and CollectionRemote.objects.filter(name=change["name"]).exists():
        raise NameTaken
    call = Call(exclusive=_reserved(remote), by=by, title=f"Change remote {remote}", immediate=True)
    return general.general_update.dispatch(KIND, str(remote.pk), change, call=call)


def change_now(remote: CollectionRemote, given: Mapping[str, Any], *, by: User) -> CollectionRemote:
    """Change a remote within the request, for clients that know no task for it. Raises Invalid, Denied."""
    require(by, CHANGE, remote)
    given = certified(given)
    _check_community(given)
    check(given, remote)
    if change := difference(remote, given):
        _update(str(remote.pk), change)
        remote.refresh_from_db()
    return remote


def _check_community(given: Mapping[str, Any]) -> None:
    """Where it is said in Galaxy's form. Raises Invalid."""
    url, requirements = given.get("url"), given.get("requirements_file")
    if url and not requirements and is_community(url):
        raise Invalid(
            "Syncing content from community domains without specifying a requirements file is not allowed.",
            field="requirements_file",
        )


def delete_remote(remote: CollectionRemote, *, by: User) -> Task:
    """Delete a remote, as a task. Repositories that have it are left without one.

    It is done within the request unless another task has the remote: some clients look every five seconds only.
    """
    require(by, DELETE, remote)
    call = Call(exclusive=_reserved(remote), by=by, title=f"Delete remote {remote}", immediate=True)
    return general.general_delete.dispatch(KIND, str(remote.pk), call=call)


def delete_now(remote: CollectionRemote, *, by: User) -> None:
    """Delete a remote within the request, for clients that know no task for it."""
    require(by, DELETE, remote)
    _delete(str(remote.pk))


def difference(remote: CollectionRemote, given: Mapping[str, Any]) -> Change:
    """What of it is not so already, with its secrets sealed, and without those that must not go elsewhere."""
    change = {
        name: value
        for name, value in sealed(given).items()
        if not (is_same if name in SECRETS else _is_equal)(value, getattr(remote, name))
    }
    return change | dict.fromkeys(left_behind(remote, change, given))


def _is_equal(one: Any, other: Any) -> bool:
    return bool(one == other and isinstance(one, bool) is isinstance(other, bool))  # True == 1


def shown(sealed_text: str | None) -> str | None:
    """A name that is stored like a secret but shown to whoever may see the remote."""
    try:
        return reveal(sealed_text)
    except CannotReveal:
        return None


def _reserved(remote: CollectionRemote) -> list[str]:
    """The remote and the repositories that have it: a sync of any of these has to end first."""
    return [remote.prn, *(each.prn for each in Repository.objects.filter(remote=remote).order_by("pk"))]


def _update(identifier: str, change: Mapping[str, Any]) -> dict[str, Any]:
    with changing():
        remote = CollectionRemote.objects.select_for_update().filter(pk=identifier).first()
        if remote is None:
            raise general.Gone(KIND)
        for name, value in change.items():
            setattr(remote, name, value)
        if "url" in change:
            remote.metadata_url = ""
        remote.updated_at = timezone.now()
        try:
            with transaction.atomic():
                remote.save()
        except IntegrityError:
            raise NameTaken from None
        if {"url", "requirements_file", "sync_dependencies", "signed_only", "sync_highest_versions"} & set(
            change
        ):
            # What was synced last is no longer what would be synced now.
            Repository.objects.filter(remote=remote).update(last_synced_metadata_time=None)
    return as_pulp_shows(remote, root=f"{settings.CONFIG.api_prefix}pulp/api/v3/")


def _delete(identifier: str) -> None:
    with changing():
        grants_on(CollectionRemote(pk=identifier)).delete()
        CollectionRemote.objects.filter(pk=identifier).delete()


general.register(KIND, general.Acts(update=_update, delete=_delete))
