"""Remotes: the servers that repositories are synced from. Secrets go in and never come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.engine.events import newest
from cartwheel.kit.errors import Invalid
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import CollectionRemote, Repository
from cartwheel.registry.permissions import allows, permissions_on, require
from cartwheel.registry.remotes import (
    ADD,
    CHANGE,
    DELETE,
    SECRETS,
    VIEW,
    change_remote,
    create_remote,
    delete_remote,
)
from cartwheel.registry.task_rights import with_last_sync
from cartwheel.web.content.fields import LabelsField, exact, number, secret
from cartwheel.web.content.finding import usable_remotes
from cartwheel.web.content.forms import Form, mono
from cartwheel.web.content.paging import page_of
from cartwheel.web.content.syncing import SyncSearch
from cartwheel.web.views.content.access import AccessPage
from cartwheel.web.views.content.base import ContentPage, FormPage, QuestionPage

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CERTIFICATE_LIMIT = 200_000  # characters
REQUIREMENTS_LIMIT = 1 << 20  # characters
MANAGE = "ansible.manage_roles_collectionremote"


def _certificate(label: StrOrPromise) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=CERTIFICATE_LIMIT, widget=mono(4))


class RemoteForm(Form):
    name = exact(_("Name"), 255)
    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        widget=forms.URLInput({"placeholder": "https://galaxy.example.org/api/"}),
        help_text=_("Of the server's Galaxy API, with a slash at its end."),
    )
    requirements_file = forms.CharField(
        label=_("Requirements"),
        required=False,
        max_length=REQUIREMENTS_LIMIT,
        widget=mono(6),
        help_text=_("requirements.yml: the collections that are wanted. Empty: all of them."),
    )
    sync_dependencies = forms.BooleanField(
        label=_("Fetch what they depend on, too"), required=False, initial=True
    )
    sync_highest_versions = number(_("Newest versions of each"), 1, help_text=_("Empty: all versions."))
    token = secret(_("Token"), 2000)
    auth_url = forms.CharField(
        label=_("Address that trades the token"),
        required=False,
        max_length=255,
        help_text=_("For servers with single sign-on only."),
    )
    username = secret(_("User name"), 1000)
    password = secret(_("Password"), 1000)
    tls_validation = forms.BooleanField(
        label=_("Check the server's certificate"), required=False, initial=True
    )
    ca_cert = _certificate(_("Certificate authority"))
    client_cert = _certificate(_("Client certificate"))
    client_key = forms.CharField(
        label=_("Client key"),
        required=False,
        max_length=CERTIFICATE_LIMIT,
        widget=mono(4, **{"data-secret": ""}),
    )
    proxy_url = forms.CharField(label=_("Proxy"), required=False, max_length=2000)
    proxy_username = secret(_("Proxy's user name"), 1000)
    proxy_password = secret(_("Proxy's password"), 1000)
    download_concurrency = number(_("Downloads at the same time"), 1)
    rate_limit = number(_("Requests a second, at most"), 1)
    max_retries = number(_("Retries"), 0)
    labels = LabelsField(label=_("Labels"), required=False, help_text=_("One a line: key, or key=value."))

    def __init__(self, known: CollectionRemote | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_already = [each for each in SECRETS if known and getattr(known, each) is not None]
        for each in self.set_already:
            self.fields[each].help_text = gettext("One is set. Left empty, it stays as it is.")
            drop = forms.BooleanField(
                label=gettext("Take away: %(label)s") % {"label": self.fields[each].label}, required=False
            )
            self.fields[f"drop_{each}"] = drop

    def given(self) -> dict[str, Any]:
        """Values by column: secrets only where one was typed or is taken away."""
        given = {}
        for each, value in self.cleaned_data.items():
            if each in SECRETS:
                if value:
                    given[each] = value
                elif self.cleaned_data.get(f"drop_{each}"):
                    given[each] = None
            elif not each.startswith("drop_"):
                given[each] = None if value == "" else value
        return given

    def refuse(self, problem: Any) -> None:
        """What is wrong about several fields is said where one of them is."""
        self.add_error(
            _place(problem) if problem.field not in self.fields else problem.field, problem.message
        )


def _place(problem: Invalid) -> str | None:
    words = (
        ("Invalid URL", "url"),
        ("'auth_url'", "auth_url"),
        ("proxy", "proxy_url"),
        ("equirements", "requirements_file"),
    )
    return next((field for word, field in words if word in problem.message), None)


class RemoteList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        event = newest()
        search = SyncSearch.read(request)
        page = page_of(request, search.apply(usable_remotes(self.user), self.user))
        used = Repository.objects.filter(readable_by(self.user), remote__in=[each.pk for each in page.rows])
        by_remote: dict[UUID | None, list[Repository]] = {}
        for each in used.order_by("name"):
            by_remote.setdefault(each.remote_id, []).append(each)
        context = {
            "page": page,
            "rows": [(each, by_remote.get(each.pk, [])) for each in page.rows],
            "search": search,
            "can_add": allows(self.user, ADD),
        }
        return self.show("remotes", context, event=event)


class RemotePart(ContentPage):
    """Something about the remote that the address names."""

    @property
    def remote(self) -> CollectionRemote:
        if not hasattr(self, "_remote"):
            rows = CollectionRemote.objects.filter(pk=self.kwargs["remote_id"])
            found = with_last_sync(rows, to=self.user).first()
            if found is None:
                raise Http404
            self._remote = found
        return self._remote

    def at(self) -> str:
        return reverse("remote", args=[self.remote.pk])

    def trail(self) -> list[tuple[str, str]]:
        return [(gettext("Remotes"), reverse("remotes")), (self.remote.name, self.at())]


class RemotePage(RemotePart):
    def get(self, request: HttpRequest, remote_id: UUID) -> HttpResponse:
        event = newest()
        require(self.user, VIEW, self.remote)
        held = permissions_on(self.user, self.remote)
        wanted = {"change": CHANGE, "delete": DELETE, "manage": MANAGE}
        context = {
            "remote": self.remote,
            "secrets": [
                RemoteForm.base_fields[each].label
                for each in SECRETS
                if getattr(self.remote, each) is not None
            ],
            "repositories": with_last_sync(
                Repository.objects.filter(readable_by(self.user), remote=self.remote).order_by("name"),
                to=self.user,
            ),
            "may": {
                name: self.user.is_superuser or permission in held for name, permission in wanted.items()
            },
            "can_add_repository": allows(self.user, "ansible.add_ansiblerepository"),
        }
        return self.show("remote", context, event=event)


class NewRemote(FormPage):
    template = "remote_form"

    def allow(self) -> None:
        require(self.user, ADD)

    def form(self, data: Any = None, files: Any = None) -> Form:
        return RemoteForm(None, data)

    def context(self) -> dict[str, Any]:
        back = reverse("remotes")
        return {
            "title": gettext("New remote"),
            "action": gettext("Create remote"),
            "back": back,
            "trail": [(gettext("Remotes"), back)],
        }

    def act(self, form: Any) -> HttpResponse:
        made = create_remote(form.given(), by=self.user)
        return self.said(
            gettext("Created remote %(made)s.") % {"made": made}, reverse("remote", args=[made.pk])
        )


class EditRemote(RemotePart, FormPage):
    template = "remote_form"

    def allow(self) -> None:
        require(self.user, CHANGE, self.remote)

    def form(self, data: Any = None, files: Any = None) -> Form:
        plain = [each for each in RemoteForm.base_fields if each not in SECRETS]
        return RemoteForm(self.remote, data, initial={each: getattr(self.remote, each) for each in plain})

    def context(self) -> dict[str, Any]:
        return {
            "title": gettext("Edit remote %(remote)s") % {"remote": self.remote},
            "action": gettext("Save"),
            "back": self.at(),
            "trail": self.trail(),
        }

    def act(self, form: Any) -> HttpResponse:
        return self.then(change_remote(self.remote, form.given(), by=self.user), self.at())


class RemoteDeletion(RemotePart, QuestionPage):
    def allow(self) -> None:
        require(self.user, DELETE, self.remote)

    def context(self) -> dict[str, Any]:
        names = Repository.objects.filter(readable_by(self.user), remote=self.remote).values_list(
            "name", flat=True
        )
        used = (
            gettext("These are left without one: %(names)s.") % {"names": ", ".join(names)} if names else ""
        )
        return {
            "title": gettext("Delete remote %(remote)s?") % {"remote": self.remote},
            "lines": [
                gettext("Its secrets go with it. What was synced from it stays."),
                *([used] if used else []),
            ],
            "action": gettext("Delete"),
            "back": self.at(),
        }

    def act(self, form: Any) -> HttpResponse:
        return self.then(delete_remote(self.remote, by=self.user), reverse("remotes"))


class RemoteAccess(RemotePart, AccessPage):
    @property
    def target(self) -> CollectionRemote:
        return self.remote
