"""What is done with the content of a repository, as Pulp names it. Each answers with the task that does it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.fields import BooleanField
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from cartwheel.api.authentication import signed_in
from cartwheel.api.pulp_v3.repositories import ROOT, find_repository
from cartwheel.api.references import (
    A_REPOSITORY_VERSION,
    content_units,
    not_found,
    repositories,
    repository_version,
)
from cartwheel.api.repository_input import MarkInput, RebuildInput, read
from cartwheel.api.strictness import only_known
from cartwheel.api.views import PulpView, accepted
from cartwheel.registry.contents import MODIFY, Modification, copy_several, modify, move_several
from cartwheel.registry.marks import mark, unmark
from cartwheel.registry.models import RepositoryVersion
from cartwheel.registry.permissions import require
from cartwheel.registry.rebuilding import REBUILD, rebuild
from cartwheel.registry.repositories import ALL

MODIFY_FIELDS = ("add_content_units", "remove_content_units", "base_version", "overwrite")
TRANSFER_FIELDS = ("collection_versions", "destination_repositories", "signing_service")
REQUIRED = "This field is required."


class _Overwrite(Serializer[None]):
    overwrite = BooleanField()


class Modify(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        """Add versions, remove others or "*", after making it like `base_version` if that is given."""
        repository, by = find_repository(request, identifier), signed_in(request)
        require(by, MODIFY, repository)
        return accepted(request, modify(repository, _modification(request), by=by))


def _modification(request: Request) -> Modification:
    given = _object(request, MODIFY_FIELDS)
    if "overwrite" in given:  # there is nothing to overwrite: a version is the same wherever it is
        _Overwrite(data=given).is_valid(raise_exception=True)
    remove = given.get("remove_content_units", [])
    is_all = isinstance(remove, list) and ALL in remove
    if is_all and len(remove) > 1:
        raise ValidationError({"remove_content_units": ["Cannot supply content units and '*'."]})
    return Modification(
        add=content_units(request, "add_content_units", given.get("add_content_units", [])),
        remove=[] if is_all else content_units(request, "remove_content_units", remove),
        remove_all=is_all,
        base=_base_version(request, given.get("base_version")),
    )


def _base_version(request: Request, reference: Any) -> RepositoryVersion | None:
    if reference is None:
        return None
    if not isinstance(reference, str):
        message = f"Incorrect type. Expected URL string, received {type(reference).__name__}."
        raise ValidationError({"base_version": [message]})
    found = repository_version(reference, signed_in(request))
    if found is None:
        raise ValidationError({"base_version": not_found(reference, A_REPOSITORY_VERSION).detail})
    return found


class Transfer(PulpView):
    """To other repositories."""

    def post(self, request: Request, identifier: str) -> Response:
        source, by = find_repository(request, identifier), signed_in(request)
        if self.takes_away:
            require(by, MODIFY, source)
        given = _object(request, TRANSFER_FIELDS)
        _require(given, "collection_versions", "destination_repositories")
        _refuse_signing(given)
        versions = content_units(request, "collection_versions", given["collection_versions"])
        if not versions:
            raise ValidationError({"collection_versions": ["This list may not be empty."]})
        destinations = repositories(request, "destination_repositories", given["destination_repositories"])
        if source in destinations:
            message = "The repository itself is no destination."
            raise ValidationError({"destination_repositories": [message]})
        return accepted(request, self.act(source, versions, destinations, by=by))

    takes_away = True
    act = staticmethod(move_several)


class Copy(Transfer):
    takes_away = False
    act = staticmethod(copy_several)


class Sign(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        """Refused: there is nobody here who signs."""
        require(request.user, "ansible.sign_ansiblerepository", find_repository(request, identifier))
        given = _object(request, ("content_units", "signing_service"))
        _require(given, "content_units", "signing_service")
        raise ValidationError({"signing_service": ["Invalid hyperlink - Object does not exist."]})


def _refuse_signing(given: dict[str, Any]) -> None:
    if given.get("signing_service") is not None:
        raise ValidationError({"signing_service": ["Invalid hyperlink - Object does not exist."]})


class Mark(PulpView):
    act = staticmethod(mark)

    def post(self, request: Request, identifier: str) -> Response:
        """A word for versions in the repository; "*" stands for all of them."""
        repository, by = find_repository(request, identifier), signed_in(request)
        require(by, MODIFY, repository)
        given = _object(request, ("content_units", "value"))
        _require(given, "content_units", "value")
        value = read(MarkInput, request)["value"]
        units: list[UUID] | None = None
        if given["content_units"] != [ALL]:
            units = content_units(request, "content_units", given["content_units"])
        return accepted(request, self.act(repository, units, value, by=by))


class Unmark(Mark):
    act = staticmethod(unmark)


class RebuildMetadata(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        """Read the files again: of all versions, or of those with that namespace, name and version."""
        repository, by = find_repository(request, identifier), signed_in(request)
        require(by, REBUILD, repository)
        return accepted(request, rebuild(repository, **read(RebuildInput, request), by=by))


def _object(request: Request, fields: tuple[str, ...]) -> dict[str, Any]:
    """The body. Raises ValidationError."""
    if not hasattr(request.data, "items"):
        message = f"Invalid data. Expected a dictionary, but got {type(request.data).__name__}."
        raise ValidationError({"non_field_errors": [message]})
    only_known(request.data, fields)
    return dict(request.data)


def _require(given: dict[str, Any], *names: str) -> None:
    if missing := [each for each in names if each not in given]:
        raise ValidationError({each: [REQUIRED] for each in missing})


urlpatterns: list[URLPattern] = [
    path(f"{ROOT}<str:identifier>/{name}/", view.as_view())
    for name, view in {
        "modify": Modify,
        "copy_collection_version": Copy,
        "move_collection_version": Transfer,
        "sign": Sign,
        "mark": Mark,
        "unmark": Unmark,
        "rebuild_metadata": RebuildMetadata,
    }.items()
]
