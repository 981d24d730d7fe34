"""What one does with a repository: make and change it, sync it, add, take out, copy, go back, delete."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cartwheel.kit.errors import Invalid
from cartwheel.kit.ids import is_uuid
from cartwheel.registry.contents import MODIFY, Modification, copy_several, known_versions, modify
from cartwheel.registry.models import CollectionRemote, CollectionVersion, Repository, User
from cartwheel.registry.permissions import allowed, require
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
from cartwheel.web.views.content.access import access
from cartwheel.web.views.content.base import Asking, ContentPage, Trail, question
from cartwheel.web.views.content.distributions import serve

CHOSEN = 500  # versions at once


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


def new_repository(page: ContentPage, data: Any) -> Asking:
    """With a first path, if wanted: without one nobody can install from it."""
    require(page.user, ADD)
    form = RepositoryForm(page.user, data, initial={"remote": page.request.GET.get("remote"), "serve": True})
    form.fields["serve"] = forms.BooleanField(
        label=gettext("Serve it under its name, so that clients can install from it"), required=False
    )

    def act(form: Form) -> HttpResponse:
        given = {**form.cleaned_data}
        is_served = given.pop("serve")
        made = create_repository(given, by=page.user)
        tell(page.request, gettext("Created repository %(made)s.") % {"made": made})
        return _serve(page, made) if is_served else page.done(_at(made), leave=True)

    back = reverse("repositories")
    return Asking(
        title=gettext("New repository"),
        action=gettext("Create repository"),
        form=form,
        act=act,
        back=back,
        trail=[(gettext("Repositories"), back)],
    )


def _serve(page: ContentPage, made: Repository) -> HttpResponse:
    try:
        return page.then(serve(page, made, made.name), _at(made))
    except Invalid as problem:
        words = gettext("It is not served yet: %(message)s") % {"message": problem.message}
        return page.said(words, _at(made), is_bad=True)


def edit(page: ContentPage, data: Any, repository: str) -> Asking:
    known = find_repository(repository, page.user)
    require(page.user, CHANGE, known)
    initial = {each: getattr(known, each) for each in RepositoryForm.base_fields}
    form = RepositoryForm(page.user, data, initial=initial)
    if known.remote and not usable_remotes(page.user).filter(pk=known.remote.pk).exists():
        del form.fields["remote"]  # it has one that this person may not see: that stays

    def act(form: Form) -> HttpResponse:
        task = change_repository(known, form.cleaned_data, by=page.user)
        known.refresh_from_db()
        return page.then(task, _at(known))

    return Asking(
        title=gettext("Edit repository %(repository)s") % {"repository": known},
        action=gettext("Save"),
        form=form,
        act=act,
        back=_at(known),
        trail=_trail(known),
    )


def deletion(page: ContentPage, data: Any, repository: str) -> Asking:
    known = find_repository(repository, page.user)
    require(page.user, DELETE, known)

    def act() -> HttpResponse:
        return page.then(delete_repository(known, by=page.user), reverse("repositories"))

    count = known.contents.filter(removed=None).count()
    goes = ngettext(
        "Its %(count)s collection version is no longer found there.",
        "Its %(count)s collection versions are no longer found there.",
        count,
    )
    stays = gettext("What is in no other repository is nowhere then. Paths that serve it serve nothing.")
    return question(
        data,
        title=gettext("Delete repository %(repository)s?") % {"repository": known},
        lines=[goes % {"count": count} if count else gettext("It is empty."), stays],
        action=gettext("Delete"),
        act=act,
        back=_at(known),
        obstacles=[known] if is_protected(known) else [],
        obstacles_say=gettext("Every hub has this repository, so it cannot be deleted:"),
    )


class SyncForm(Form):
    remote = forms.ModelChoiceField(CollectionRemote.objects.none(), label=_("From"), required=False)
    mirror = forms.BooleanField(label=_("Mirror: remove what the remote does not have"), required=False)
    optimize = forms.BooleanField(
        label=_("Skip it if the remote has not changed"), required=False, initial=True
    )


def ask_for_sync(page: ContentPage, data: Any, repository: str) -> Asking:
    """A sync, with its options."""
    known = find_repository(repository, page.user)
    require(page.user, CHANGE, known)

    def act(form: Form) -> HttpResponse:
        given = form.cleaned_data
        options = {"mirror": given["mirror"], "optimize": given["optimize"]}
        task = sync(known, given["remote"], by=page.user, **options)
        return page.then(task, _at(known, "repository-syncs"))

    return Asking(
        title=gettext("Sync %(repository)s") % {"repository": known},
        action=gettext("Start sync"),
        form=_sync_form(known, data, page.user),
        act=act,
        back=_at(known),
        trail=_trail(known),
    )


def _sync_form(known: Repository, data: Any, by: User) -> SyncForm:
    form = SyncForm(data)
    remote = form.fields["remote"]
    if isinstance(remote, forms.ModelChoiceField):
        remote.queryset = usable_remotes(by)
        remote.empty_label = (
            gettext("Its own remote, %(remote)s") % {"remote": known.remote}
            if known.remote
            else gettext("Its own remote: it has none")
        )
    return form


class Changes(ContentPage):
    """Takes chosen versions out, or copies them to another repository. `chosen` are ids of versions."""

    def post(self, request: HttpRequest, repository: str) -> HttpResponse:
        known = find_repository(repository, self.user)
        back = _at(known, "repository-content")
        chosen = [UUID(each) for each in request.POST.getlist("chosen")[:CHOSEN] if is_uuid(each)]
        if not chosen:
            return self.said(gettext("Nothing was selected. Select the versions first."), back, is_bad=True)
        try:
            if request.POST.get("act") == "copy":
                into = find_repository(request.POST.get("into", ""), self.user)
                return self.then(copy_several(known, chosen, [into], by=self.user), back)
            return self.then(modify(known, Modification(remove=chosen), by=self.user), back)
        except Invalid as problem:
            return self.said(problem.message, back, is_bad=True)


class AddForm(Form):
    versions = forms.CharField(
        label=_("Collection versions"),
        widget=area(4, spellcheck="false"),
        help_text=_("One a line: namespace.name and a version, as in “acme.tools 1.0.0”."),
    )


def add_content(page: ContentPage, data: Any, repository: str) -> Asking:
    """Adds versions that are somewhere else on this hub."""
    known = find_repository(repository, page.user)
    require(page.user, MODIFY, known)
    back = _at(known, "repository-content")

    def act(form: Form) -> HttpResponse:
        lines = [line.split() for line in form.cleaned_data["versions"].splitlines() if line.strip()]
        ids = [_find_version(words, page.user).pk for words in lines[:CHOSEN]]
        return page.then(modify(known, Modification(add=ids), by=page.user), back)

    return Asking(
        title=gettext("Add to %(repository)s") % {"repository": known},
        action=gettext("Add"),
        form=AddForm(data, initial={"versions": page.request.GET.get("version", "")}),
        act=act,
        back=back,
        trail=_trail(known),
    )


def _find_version(words: list[str], user: User) -> CollectionVersion:
    """What a line names: "acme.tools 1.0.0", in words. Raises Invalid."""
    namespace, _dot, short = words[0].partition(".")
    known = known_versions(user).only("pk").filter(namespace=namespace, name=short)
    found = known.filter(version=words[1]).first() if len(words) == 2 else None
    if found is None:
        raise Invalid(
            gettext("There is no “%(version)s” here.") % {"version": " ".join(words)}, field="versions"
        )
    return found


def revert(page: ContentPage, data: Any, repository: str, number: int) -> Asking:
    """Makes a new version with what an older one held."""
    known = find_repository(repository, page.user)
    require(page.user, MODIFY, known)
    version = known.versions.filter(number=number).first()
    if version is None:
        raise Http404
    back = _at(known, "repository-versions")

    def act() -> HttpResponse:
        return page.then(modify(known, Modification(base=version), by=page.user), back)

    names = {"repository": known, "number": number}
    return question(
        data,
        title=gettext("Revert %(repository)s to version %(number)s?") % names,
        lines=[gettext("That makes a new version, so it can be undone the same way.")],
        action=gettext("Revert"),
        act=act,
        back=back,
        kind="primary",
    )


def repository_access(page: ContentPage, data: Any, repository: str) -> Asking:
    known = find_repository(repository, page.user)
    return access(page, data, known, _trail(known))


def _at(repository: Repository, page: str = "repository") -> str:
    return reverse(page, args=[repository])


def _trail(repository: Repository) -> Trail:
    return [(gettext("Repositories"), reverse("repositories")), (repository.name, _at(repository))]


def copy_targets(user: User, source: Repository) -> list[Repository]:
    """Where somebody may copy versions of a repository to. Three statements at most, however many there are."""
    others = list(readable(user).exclude(pk=source.pk))
    may = allowed(user, [(MODIFY, each) for each in others])
    return [each for each in others if (MODIFY, each) in may]
