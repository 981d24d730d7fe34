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
from cartwheel.kit.errors import CartwheelError
from cartwheel.registry.causes import with_last_sync
from cartwheel.registry.distributions import readable_by
from cartwheel.registry.models import CollectionRemote, Repository
from cartwheel.registry.permissions import allows, permissions_on, require
from cartwheel.registry.remote_documents import SECRETS
from cartwheel.registry.remotes import (
    ADD,
    CHANGE,
    DELETE,
    VIEW,
    change_remote,
    create_remote,
    delete_remote,
    difference,
)
from cartwheel.web.content.fields import LabelsField, exact, number, secret
from cartwheel.web.content.finding import usable_remotes
from cartwheel.web.content.forms import Form, mono
from cartwheel.web.content.paging import page_of
from cartwheel.web.content.syncing import SyncSearch, bars_of
from cartwheel.web.notices import tell
from cartwheel.web.views.content.access import access
from cartwheel.web.views.content.base import Asking, ContentPage, Trail, question

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
        label=_("URL"),
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
    sync_highest_versions = number(
        _("How many versions of each"), 1, help_text=_("Only so many of the highest. Empty: all versions.")
    )
    token = secret(_("Token"), 2000)
    auth_url = forms.CharField(
        label=_("Single sign-on address"),
        required=False,
        max_length=255,
        help_text=_(
            "Where the token is exchanged first: auth_url in ansible.cfg. For servers that want it only."
        ),
    )
    username = secret(_("Username"), 1000)
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
    proxy_username = secret(_("Proxy's username"), 1000)
    proxy_password = secret(_("Proxy's password"), 1000)
    download_concurrency = number(_("Downloads at the same time"), 1)
    rate_limit = number(_("Requests a second, at most"), 1)
    max_retries = number(_("Retries"), 0)
    labels = LabelsField(label=_("Labels"), required=False, help_text=_("One a line: key, or key=value."))

    def __init__(self, known: CollectionRemote | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_already = [each for each in SECRETS if known and getattr(known, each) is not None]
        for each in self.set_already:
            self.fields[each].help_text = gettext(
                "One is set. Left empty, it stays as it is, unless it would go to another server than before."
            )
            drop = forms.BooleanField(
                label=gettext("Remove: %(label)s") % {"label": self.fields[each].label}, required=False
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

    def place_of(self, problem: CartwheelError) -> str | None:
        """What is wrong about several fields is said where one of them is."""
        return super().place_of(problem) or _place(problem)


def _place(problem: CartwheelError) -> str | None:
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
            "bars": bars_of(page.rows),
            "search": search,
            "can_add": allows(self.user, ADD),
        }
        return self.show("remotes", context, event=event)


class RemotePage(ContentPage):
    def get(self, request: HttpRequest, remote_id: UUID) -> HttpResponse:
        event = newest()
        remote = find_remote(remote_id)
        require(self.user, VIEW, remote)
        held = permissions_on(self.user, remote)
        wanted = {"change": CHANGE, "delete": DELETE, "manage": MANAGE}
        context = {
            "remote": remote,
            "secrets": [
                RemoteForm.base_fields[each].label for each in SECRETS if getattr(remote, each) is not None
            ],
            "repositories": with_last_sync(
                Repository.objects.filter(readable_by(self.user), remote=remote).order_by("name"),
                to=self.user,
            ),
            "may": {
                name: self.user.is_superuser or permission in held for name, permission in wanted.items()
            },
            "can_add_repository": allows(self.user, "ansible.add_ansiblerepository"),
        }
        return self.show("remote", context, event=event)


def new_remote(page: ContentPage, data: Any) -> Asking:
    require(page.user, ADD)

    def act(form: RemoteForm) -> HttpResponse:
        made = create_remote(form.given(), by=page.user)
        return page.said(gettext("Created remote %(made)s.") % {"made": made}, _at(made))

    back = reverse("remotes")
    return Asking(
        title=gettext("New remote"),
        action=gettext("Create remote"),
        form=RemoteForm(None, data),
        act=act,
        back=back,
        trail=[(gettext("Remotes"), back)],
        template="remote_form",
    )


def edit(page: ContentPage, data: Any, remote_id: UUID) -> Asking:
    remote = find_remote(remote_id)
    require(page.user, CHANGE, remote)

    def act(form: RemoteForm) -> HttpResponse:
        given = form.given()
        lost = [each for each in form.set_already if each not in given and each in difference(remote, given)]
        task = change_remote(remote, given, by=page.user)
        if lost:
            names = ", ".join(str(form.fields[each].label) for each in lost)
            words = gettext(
                "It leads to another server now, so these were removed: %(names)s. Give it new ones."
            )
            tell(page.request, words % {"names": names})
        return page.then(task, _at(remote))

    plain = [each for each in RemoteForm.base_fields if each not in SECRETS]
    return Asking(
        title=gettext("Edit remote %(remote)s") % {"remote": remote},
        action=gettext("Save"),
        form=RemoteForm(remote, data, initial={each: getattr(remote, each) for each in plain}),
        act=act,
        back=_at(remote),
        trail=_trail(remote),
        template="remote_form",
    )


def deletion(page: ContentPage, data: Any, remote_id: UUID) -> Asking:
    remote = find_remote(remote_id)
    require(page.user, DELETE, remote)

    def act() -> HttpResponse:
        return page.then(delete_remote(remote, by=page.user), reverse("remotes"))

    left = Repository.objects.filter(readable_by(page.user), remote=remote).values_list("name", flat=True)
    lines = [gettext("Its secrets go with it. What was synced from it stays.")]
    if left:
        lines += [gettext("These are left without one: %(names)s.") % {"names": ", ".join(left)}]
    return question(
        data,
        title=gettext("Delete remote %(remote)s?") % {"remote": remote},
        lines=lines,
        action=gettext("Delete"),
        act=act,
        back=_at(remote),
    )


def remote_access(page: ContentPage, data: Any, remote_id: UUID) -> Asking:
    remote = find_remote(remote_id)
    return access(page, data, remote, _trail(remote))


def find_remote(remote_id: UUID) -> CollectionRemote:
    """Raises Http404."""
    found = CollectionRemote.objects.filter(pk=remote_id).first()
    if found is None:
        raise Http404
    return found


def _at(remote: CollectionRemote) -> str:
    return reverse("remote", args=[remote.pk])


def _trail(remote: CollectionRemote) -> Trail:
    return [(gettext("Remotes"), reverse("remotes")), (remote.name, _at(remote))]
