"""What one does with a repository: make and change it, sync it, add, take out, copy, go back, delete."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cartwheel.kit.errors import Denied, Invalid
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.contents import MODIFY, Modification, copy_several, known_versions, modify
from cartwheel.registry.models import CollectionRemote, CollectionVersion, Repository, User
from cartwheel.registry.permissions import DENIED, allows, require
from cartwheel.registry.repository_settings import (
    ADD,
    CHANGE,
    DELETE,
    change_repository,
    create_repository,
    delete_repository,
    is_protected,
)
from cartwheel.registry.sync.start import sync
from cartwheel.web.content.fields import LabelsField, exact, number
from cartwheel.web.content.finding import find_repository, readable, usable_remotes
from cartwheel.web.content.forms import Form, area
from cartwheel.web.notices import tell
from cartwheel.web.views.content.access import AccessPage
from cartwheel.web.views.content.base import ContentPage, FormPage, QuestionPage
from cartwheel.web.views.content.distributions import serve

CHOSEN = 500  # versions at once
Trail = list[tuple[str, str]]


class RepositoryForm(Form):
    name = exact(_("Name"), 255)
    description = forms.CharField(label=_("Description"), required=False, max_length=10_000, widget=area(2))
    remote = forms.ModelChoiceField(
        CollectionRemote.objects.none(),
        label=_("Remote"),
        required=False,
        empty_label=_("None: it is not synced"),
        help_text=_("Where its content is synced from."),
    )
    retain_repo_versions = number(_("Versions to keep"), 1, help_text=_("Empty: all of them."))
    private = forms.BooleanField(label=_("Private: only for those who were given it"), required=False)
    labels = LabelsField(
        label=_("Labels"),
        required=False,
        help_text=_(
            "One a line: key, or key=value. pipeline=approved makes it part of the approval; hide_from_search hides it."
        ),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remote = self.fields["remote"]
        if isinstance(remote, forms.ModelChoiceField):
            remote.queryset = usable_remotes(user)

    def clean_description(self) -> str | None:
        return self.cleaned_data["description"] or None


class RepositoryPart(ContentPage):
    """Something about the repository that the address names."""

    @property
    def repository(self) -> Repository:
        if not hasattr(self, "_repository"):
            self._repository = find_repository(self.kwargs["repository"], self.user)
        return self._repository

    def at(self, page: str = "repository") -> str:
        return reverse(page, args=[self.repository])

    def trail(self) -> Trail:
        return [(gettext("Repositories"), reverse("repositories")), (self.repository.name, self.at())]


class NewRepository(FormPage):
    """With a first path, if wanted: without one nobody can install from it."""

    def allow(self) -> None:
        require(self.user, ADD)

    def form(self, data: Any = None, files: Any = None) -> Form:
        form = RepositoryForm(
            self.user, data, initial={"remote": self.request.GET.get("remote"), "serve": True}
        )
        form.fields["serve"] = forms.BooleanField(
            label=gettext("Serve it under its name, so that clients can install from it"), required=False
        )
        return form

    def context(self) -> dict[str, Any]:
        back = reverse("repositories")
        return {
            "title": gettext("New repository"),
            "action": gettext("Create repository"),
            "back": back,
            "trail": [(gettext("Repositories"), back)],
        }

    def act(self, form: Any) -> HttpResponse:
        given = {**form.cleaned_data}
        is_served = given.pop("serve")
        made = create_repository(given, by=self.user)
        address = reverse("repository", args=[made])
        tell(self.request, gettext("Created repository %(made)s.") % {"made": made})
        if not is_served:
            return self.done(address, leave=True)
        try:
            return self.then(serve(self.request, made, made.name, by=self.user), address)
        except Invalid as problem:
            tell(
                self.request,
                gettext("It is not served yet: %(message)s") % {"message": problem.message},
                is_bad=True,
            )
            return self.done(address, leave=True)


class EditRepository(RepositoryPart, FormPage):
    def allow(self) -> None:
        require(self.user, CHANGE, self.repository)

    def form(self, data: Any = None, files: Any = None) -> Form:
        known = {each: getattr(self.repository, each) for each in RepositoryForm.base_fields}
        form = RepositoryForm(self.user, data, initial=known)
        if (
            self.repository.remote
            and not usable_remotes(self.user).filter(pk=self.repository.remote.pk).exists()
        ):
            del form.fields["remote"]  # it has one that this person may not see: that stays
        return form

    def context(self) -> dict[str, Any]:
        return {
            "title": gettext("Edit repository %(repository)s") % {"repository": self.repository},
            "action": gettext("Save"),
            "back": self.at(),
            "trail": self.trail(),
        }

    def act(self, form: Any) -> HttpResponse:
        task = change_repository(self.repository, form.cleaned_data, by=self.user)
        self.repository.refresh_from_db()
        return self.then(task, self.at())


class RepositoryDeletion(RepositoryPart, QuestionPage):
    def allow(self) -> None:
        require(self.user, DELETE, self.repository)
        if is_protected(self.repository):
            raise Denied(DENIED)

    def context(self) -> dict[str, Any]:
        count = self.repository.contents.filter(removed=None).count()
        return {
            "title": gettext("Delete repository %(repository)s?") % {"repository": self.repository},
            "lines": [
                ngettext(
                    "Its %(count)s collection version is no longer found there.",
                    "Its %(count)s collection versions are no longer found there.",
                    count,
                )
                % {"count": count},
                gettext("What is in no other repository is nowhere then. Paths that serve it serve nothing."),
            ],
            "action": gettext("Delete"),
            "back": self.at(),
        }

    def act(self, form: Any) -> HttpResponse:
        return self.then(delete_repository(self.repository, by=self.user), reverse("repositories"))


class SyncForm(Form):
    remote = forms.ModelChoiceField(CollectionRemote.objects.none(), label=_("From"), required=False)
    mirror = forms.BooleanField(label=_("Mirror: take out what the remote does not have"), required=False)
    optimize = forms.BooleanField(
        label=_("Skip it if the remote has not changed"), required=False, initial=True
    )


class Sync(RepositoryPart, FormPage):
    """Asks for a sync, with its options."""

    def allow(self) -> None:
        require(self.user, CHANGE, self.repository)

    def form(self, data: Any = None, files: Any = None) -> Form:
        form = SyncForm(data)
        remote = form.fields["remote"]
        if isinstance(remote, forms.ModelChoiceField):
            remote.queryset = usable_remotes(self.user)
            own = self.repository.remote
            remote.empty_label = (
                gettext("Its own remote, %(remote)s") % {"remote": own}
                if own
                else gettext("Its own remote: it has none")
            )
        return form

    def context(self) -> dict[str, Any]:
        return {
            "title": gettext("Sync %(repository)s") % {"repository": self.repository},
            "action": gettext("Start sync"),
            "back": self.at(),
            "trail": self.trail(),
        }

    def act(self, form: Any) -> HttpResponse:
        given = form.cleaned_data
        task = sync(
            self.repository, given["remote"], by=self.user, mirror=given["mirror"], optimize=given["optimize"]
        )
        return self.then(task, self.at("repository-syncs"))


class Changes(RepositoryPart):
    """Takes chosen versions out, or copies them to another repository. `chosen` are ids of versions."""

    def post(self, request: HttpRequest, repository: str) -> HttpResponse:
        chosen = [UUID(each) for each in request.POST.getlist("chosen")[:CHOSEN] if is_uuid(each)]
        back = self.at("repository-content")
        if not chosen:
            return self._refuse(gettext("Nothing was chosen. Tick the versions first."), back)
        try:
            if request.POST.get("act") == "copy":
                into = find_repository(request.POST.get("into", ""), self.user)
                return self.then(copy_several(self.repository, chosen, [into], by=self.user), back)
            return self.then(modify(self.repository, Modification(remove=chosen), by=self.user), back)
        except Invalid as problem:
            return self._refuse(problem.message, back)

    def _refuse(self, words: str, address: str) -> HttpResponse:
        tell(self.request, words, is_bad=True)
        return self.done(address, leave=True)


class AddForm(Form):
    versions = forms.CharField(
        label=_("Collection versions"),
        widget=area(4, spellcheck="false"),
        help_text=_("One a line: namespace.name and a version, as in “acme.tools 1.0.0”."),
    )


class AddContent(RepositoryPart, FormPage):
    """Adds versions that are somewhere else on this hub."""

    def allow(self) -> None:
        require(self.user, MODIFY, self.repository)

    def form(self, data: Any = None, files: Any = None) -> Form:
        return AddForm(data, initial={"versions": self.request.GET.get("version", "")})

    def context(self) -> dict[str, Any]:
        return {
            "title": gettext("Add to %(repository)s") % {"repository": self.repository},
            "action": gettext("Add"),
            "back": self.at("repository-content"),
            "trail": self.trail(),
        }

    def act(self, form: Any) -> HttpResponse:
        lines = [line.split() for line in form.cleaned_data["versions"].splitlines() if line.strip()]
        ids = [self._find(words).pk for words in lines[:CHOSEN]]
        task = modify(self.repository, Modification(add=ids), by=self.user)
        return self.then(task, self.at("repository-content"))

    def _find(self, words: list[str]) -> CollectionVersion:
        namespace, _, short = words[0].partition(".")
        known = known_versions(self.user).only("pk").filter(namespace=namespace, name=short)
        found = known.filter(version=words[1]).first() if len(words) == 2 else None
        if found is None:
            raise Invalid(
                gettext("There is no “%(version)s” here.") % {"version": " ".join(words)}, field="versions"
            )
        return found


class Revert(RepositoryPart, QuestionPage):
    """Makes a new version with what an older one held."""

    def allow(self) -> None:
        require(self.user, MODIFY, self.repository)

    @property
    def version(self) -> Any:
        found = self.repository.versions.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    def context(self) -> dict[str, Any]:
        return {
            "title": gettext("Let %(repository)s be as in version %(number)s?")
            % {"repository": self.repository, "number": self.version.number},
            "lines": [gettext("That makes a new version, so it can be undone the same way.")],
            "action": gettext("Go back"),
            "kind": "primary",
            "back": self.at("repository-versions"),
        }

    def act(self, form: Any) -> HttpResponse:
        wanted = Modification(back_to=self.version)
        return self.then(modify(self.repository, wanted, by=self.user), self.at("repository-versions"))


class RepositoryAccess(RepositoryPart, AccessPage):
    @property
    def target(self) -> Repository:
        return self.repository


def copy_targets(user: User, source: Repository) -> list[Repository]:
    """Where somebody may copy versions of a repository to."""
    return [each for each in readable(user).exclude(pk=source.pk) if allows(user, MODIFY, each)]
