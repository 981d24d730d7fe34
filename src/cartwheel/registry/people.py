"""Users and groups: find, make, change, delete, and who may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict, TypeVar

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Model, Q, QuerySet

from cartwheel.kit.errors import Conflict, Denied, Invalid, NotFound
from cartwheel.kit.texts import is_storable
from cartwheel.registry.credentials import revoke_token
from cartwheel.registry.models import User
from cartwheel.registry.permissions import DENIED, allows, gives_more, require

M = TypeVar("M", bound=Model)

ID_LIMIT = 2**31  # ids of users and groups are below it
NAMED_LIMIT = 1000  # users or groups in one request
FIELDS: Final = (  # to be set as given
    "username",
    "first_name",
    "last_name",
    "email",
    "is_superuser",
    "is_staff",
    "is_active",
)


class UsernameTaken(Invalid):
    code = "unique"

    def __init__(self) -> None:
        super().__init__("A user with that username already exists.", field="username")


class UserGone(NotFound):
    def __init__(self, user: User) -> None:
        super().__init__(f"The user {user.username} has just been deleted.")


class OwnGain(Denied):
    def __init__(self, group: Group) -> None:
        super().__init__(
            f"You cannot put yourself into {group.name}, which gives more rights than you have."
            " Ask somebody else who manages groups."
        )


class GroupExists(Conflict):
    def __init__(self, name: str) -> None:
        super().__init__(f"A group named {name} already exists.", field="name")


class UserChanges(TypedDict, total=False):
    """What can be said of a user; what is left out stays as it is. An empty password is left out too."""

    username: str
    first_name: str
    last_name: str
    email: str
    password: str | None
    is_superuser: bool
    is_staff: bool
    is_active: bool
    groups: list[Group]


# -- users ----------------------------------------------------------------------------------------


def create_user(given: UserChanges, *, by: User) -> User:
    """Make a user; without a password, one who cannot sign in with one."""
    require(by, "galaxy.add_user")
    user = User()
    user.set_unusable_password()
    return _saved(user, given, by)


def change_user(user: User, given: UserChanges, *, by: User) -> User:
    """Change a user. Everybody may change oneself, and nobody but superusers may change superusers.

    A new password ends the user's sessions; what was remembered of the old one is forgotten at once. The
    token works on: scripts have it (see revoke_token_of).
    """
    _require_change(user, by)
    if not by.is_superuser and by.pk != user.pk and given.get("password"):
        raise Invalid("Must be a super user to change another user's password.", field="password")
    _require_that_a_superuser_is_left(user, given)
    return _saved(user, given, by)


def _require_change(user: User, by: User) -> None:
    if by.pk != user.pk:
        require(by, "galaxy.change_user")
    if not by.is_superuser and user.is_superuser:
        raise Invalid("You do not have permissions to modify super users.", field="username")


def revoke_token_of(user: User, *, by: User) -> None:
    """Revoke a user's token, for who may change the user. Doing it twice is fine. Raises Denied, Invalid."""
    _require_change(user, by)
    revoke_token(user)


def _require_that_a_superuser_is_left(user: User, given: UserChanges) -> None:
    """Without any, nobody could make another one."""
    stays = given.get("is_superuser", True) and given.get("is_active", True)
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and user.is_active and not stays and not others.exists():
        field = "is_active" if given.get("is_superuser", True) else "is_superuser"
        raise Invalid("This is the only super user left. Make another one first.", field=field)


def delete_user(user: User, *, by: User) -> None:
    """Delete a user with tokens, sessions and roles. Never a superuser, and never oneself."""
    if user.is_superuser or user.pk == by.pk:
        raise Denied(DENIED)
    require(by, "galaxy.delete_user")
    user.delete()


def _saved(user: User, given: UserChanges, by: User) -> User:
    if not by.is_superuser and given.get("is_superuser", user.is_superuser) != user.is_superuser:
        raise Invalid("Must be a super user to grant super user permissions.", field="is_superuser")
    if "groups" in given:
        _require_groups(user, given["groups"], by)
    changed: list[str] = []
    for name in FIELDS:
        if name in given:
            setattr(user, name, given[name])
            changed.append(name)
    if password := given.get("password"):
        user.set_password(password)
        changed.append("password")
    try:
        with transaction.atomic():
            _write(user, changed)
            if "groups" in given:
                user.groups.set(given["groups"])
    except IntegrityError:
        raise UsernameTaken from None
    return user


def _write(user: User, changed: Sequence[str]) -> None:
    """Write these fields of a user that is there, as others may have changed the rest meanwhile: locked them out."""
    if user.pk is None:
        user.save()
    elif changed and not User.objects.filter(pk=user.pk).update(
        **{each: getattr(user, each) for each in changed}
    ):
        raise UserGone(user)


def _require_groups(user: User, groups: Sequence[Group], by: User) -> None:
    """Whoever may not change groups can only put others into one's own, and take them out of these."""
    before = set(user.groups.all()) if user.pk else set()
    for group in set(groups) - before:
        _require_no_gain(user, group, by)
    changing = before.symmetric_difference(groups)
    if not changing or allows(by, "galaxy.change_group") or changing <= set(by.groups.all()):
        return
    raise Invalid(
        "'galaxy.change_group' permission is required to change a users group"
        " that the requesting user is not in.",
        field="groups",
    )


def _require_no_gain(user: User, group: Group, by: User) -> None:
    """Who manages groups hands out what they give, but not to oneself: that takes a second account.

    Who may make users too can make one; to refuse them all strong groups would leave newcomers to superusers.
    """
    if user.pk == by.pk and gives_more(group, by):
        raise OwnGain(group)


# -- groups ---------------------------------------------------------------------------------------


def create_group(name: str, *, by: User) -> Group:
    require(by, "galaxy.add_group")
    try:
        with transaction.atomic():
            return Group.objects.create(name=name)
    except IntegrityError:
        raise GroupExists(name) from None


def rename_group(group: Group, name: str, *, by: User) -> Group:
    require(by, "galaxy.change_group")
    group.name = name
    try:
        with transaction.atomic():
            group.save(update_fields=["name"])
    except IntegrityError:
        raise GroupExists(name) from None
    return group


def delete_group(group: Group, *, by: User) -> None:
    """Delete a group and the roles that it gave to its members."""
    require(by, "galaxy.delete_group")
    group.delete()


def add_member(group: Group, user: User, *, by: User) -> None:
    """Put a user into a group. Doing it twice is fine. Raises Denied, OwnGain."""
    require(by, "galaxy.change_group")
    _require_no_gain(user, group, by)
    user.groups.add(group)


def remove_member(group: Group, user: User, *, by: User) -> None:
    """Take a user out of a group. Doing it twice is fine."""
    require(by, "galaxy.change_group")
    user.groups.remove(group)


# -- by id or name --------------------------------------------------------------------------------


def find_groups(given: Sequence[Mapping[str, Any]]) -> list[Group]:
    """The groups that are named by "id", by "name" or by both; other keys do not matter. One query.

    Raises Invalid if one is not there, or is not named at all.
    """
    problem = Invalid("Invalid group name or ID", field="group")
    references = [_reference(each, ("name",), problem) for each in given]
    if len(references) > NAMED_LIMIT:
        raise Invalid(f"At most {NAMED_LIMIT} groups can be named at once.", field="groups")
    found: list[Group] = []
    for (identifier, name), group in _look_up(Group.objects.all(), references, "name"):
        if group is None:
            raise Invalid(f"Group name={name}, id={identifier} does not exist", field="groups")
        found.append(group)
    return found


def find_users(given: Sequence[Mapping[str, Any]]) -> list[User]:
    """The users that are named by "id", by "username" (or "name") or by both. One query. Raises Invalid."""
    problem = Invalid("Invalid user username or ID", field="user")
    references = [_reference(each, ("username", "name"), problem) for each in given]
    if len(references) > NAMED_LIMIT:
        raise Invalid(f"At most {NAMED_LIMIT} users can be named at once.", field="users")
    found = [user for _, user in _look_up(User.objects.all(), references, "username") if user]
    if len(found) < len(references):
        raise problem
    return found


Reference = tuple[int | None, str | None]


def _reference(given: Mapping[str, Any], names: Sequence[str], problem: Invalid) -> Reference:
    """The id and the name in an object that names something. Raises the problem if there is neither."""
    identifier = given.get("id")
    if isinstance(identifier, str) and identifier.isascii() and identifier.isdigit():
        identifier = int(identifier[:20])
    name = next((given[each] for each in names if given.get(each) is not None), None)
    is_id = identifier is None or (isinstance(identifier, int) and not isinstance(identifier, bool))
    is_name = name is None or (isinstance(name, str) and is_storable(name))
    if not is_id or not is_name or (identifier is None and name is None):
        raise problem
    return identifier, name


def _look_up(
    rows: QuerySet[M], references: Sequence[Reference], column: str
) -> list[tuple[Reference, M | None]]:
    """Each reference with the row that it names, None where id and name are not of one row. One query."""
    ids = [identifier for identifier, _ in references if identifier is not None and 0 < identifier < ID_LIMIT]
    names = [name for identifier, name in references if identifier is None]
    by_id = {row.pk: row for row in rows.filter(Q(pk__in=ids) | Q(**{f"{column}__in": names}))}
    by_name = {getattr(row, column): row for row in by_id.values()}
    found = []
    for identifier, name in references:
        row = by_name.get(name) if identifier is None else by_id.get(identifier)
        is_named_so = row is not None and name in (None, getattr(row, column))
        found.append(((identifier, name), row if is_named_so else None))
    return found
