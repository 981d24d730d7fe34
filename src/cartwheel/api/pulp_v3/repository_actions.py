"""What is done with the content of a repository, as Pulp names it. Each answers with the task that does it."""

from __future__ import annotations

from uuid import UUID

from django.urls import URLPattern, path
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.fields import BooleanField, SlugField
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.pulp_v3.repositories import ROOT, find_repository
from cartwheel.api.reference_lists import (
    LinksField,
    UnitsField,
    content_units,
    find_repositories,
    find_units,
)
from cartwheel.api.references import (
    A_COLLECTION_VERSION,
    A_REPOSITORY,
    A_REPOSITORY_VERSION,
    A_SIGNING_SERVICE,
    ReferenceField,
    find_signing_service,
    repository_version,
)
from cartwheel.api.repository_input import RebuildInput, read
from cartwheel.api.strictness import Strict
from cartwheel.api.views import PulpView, accepted
from cartwheel.registry.contents import MODIFY, Modification, copy_several, modify, move_several
from cartwheel.registry.marks import mark, unmark
from cartwheel.registry.permissions import require
from cartwheel.registry.rebuilding import REBUILD, rebuild
from cartwheel.registry.repositories import ALL


class ModifyInput(Strict[None]):
    add_content_units = UnitsField(required=False)
    remove_content_units = UnitsField(required=False)
    base_version = ReferenceField(A_REPOSITORY_VERSION, repository_version, required=False)
    overwrite = BooleanField(required=False)  # there is nothing to: a version is the same wherever it is


class Modify(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        """Add versions, remove others or "*", after making it like `base_version` if that is given."""
        repository, by = find_repository(request, identifier), signed_in(request)
        require(by, MODIFY, repository)
        return accepted(request, modify(repository, _modification(request), by=by))


def _modification(request: Request) -> Modification:
    given = read(ModifyInput, request)
    removed = given.get("remove_content_units", [])
    return Modification(
        add=_units_in(request, "add_content_units", given.get("add_content_units", [])),
        remove=[] if removed == [ALL] else _units_in(request, "remove_content_units", removed),
        remove_all=removed == [ALL],
        base=given.get("base_version"),
    )


def _units_in(request: Request, field: str, references: list[str]) -> list[UUID]:
    try:
        return content_units(references, signed_in(request))
    except ValidationError as problem:
        raise ValidationError({field: problem.detail}) from None


class TransferInput(Strict[None]):
    collection_versions = LinksField(A_COLLECTION_VERSION, find_units, allow_empty=False)
    destination_repositories = LinksField(A_REPOSITORY, find_repositories, allow_empty=False)
    signing_service = ReferenceField(A_SIGNING_SERVICE, find_signing_service, required=False, allow_null=True)


class Transfer(PulpView):
    """To other repositories."""

    def post(self, request: Request, identifier: str) -> Response:
        source, by = find_repository(request, identifier), signed_in(request)
        if self.takes_away:
            require(by, MODIFY, source)
        given = read(TransferInput, request)
        destinations = given["destination_repositories"]
        if source in destinations:
            message = "The repository itself is no destination."
            raise ValidationError({"destination_repositories": [message]})
        return accepted(request, self.act(source, given["collection_versions"], destinations, by=by))

    takes_away = True
    act = staticmethod(move_several)


class Copy(Transfer):
    takes_away = False
    act = staticmethod(copy_several)


class SignInput(Strict[None]):
    content_units = UnitsField()
    signing_service = ReferenceField(A_SIGNING_SERVICE, find_signing_service)


class Sign(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        """Refused: there is nobody here who signs."""
        require(request.user, "ansible.sign_ansiblerepository", find_repository(request, identifier))
        read(SignInput, request)
        raise PermissionDenied


class MarkInput(Strict[None]):
    content_units = UnitsField()
    value = SlugField(max_length=50)


class Mark(PulpView):
    act = staticmethod(mark)

    def post(self, request: Request, identifier: str) -> Response:
        """A word for versions in the repository; "*" stands for all of them."""
        repository, by = find_repository(request, identifier), signed_in(request)
        require(by, MODIFY, repository)
        given = read(MarkInput, request)
        named = given["content_units"]
        units = None if named == [ALL] else content_units(named, by)
        return accepted(request, self.act(repository, units, given["value"], by=by))


class Unmark(Mark):
    act = staticmethod(unmark)


class RebuildMetadata(PulpView):
    def post(self, request: Request, identifier: str) -> Response:
        """Read the files again: of all versions, or of those with that namespace, name and version."""
        repository, by = find_repository(request, identifier), signed_in(request)
        require(by, REBUILD, repository)
        return accepted(request, rebuild(repository, **read(RebuildInput, request), by=by))


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
