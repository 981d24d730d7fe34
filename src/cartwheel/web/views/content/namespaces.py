"""Namespaces: list, make, change, delete, and what is published in one."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cartwheel.kit.markdown import to_html
from cartwheel.registry.models import CollectionVersion, Namespace, User
from cartwheel.registry.namespaces import (
    NamespaceChanges,
    allowed,
    change_namespace,
    create_namespace,
    delete_namespace,
    owned_by,
)
from cartwheel.registry.permissions import allows, require
from cartwheel.registry.search import Criteria, find, search
from cartwheel.registry.shelves import readable_versions
from cartwheel.web.content.fields import LinksField, exact, text
from cartwheel.web.content.finding import find_namespace, readable
from cartwheel.web.content.forms import Form, area
from cartwheel.web.content.paging import page_of
from cartwheel.web.content.safe import shown_html, web_address
from cartwheel.web.security import POLICY
from cartwheel.web.views.content.access import access
from cartwheel.web.views.content.base import Asking, ContentPage, Trail, question
from cartwheel.web.views.content.collections import results

RESOURCES_LIMIT = 1_048_576  # characters of Markdown
ADD, CHANGE, DELETE = "galaxy.add_namespace", "galaxy.change_namespace", "galaxy.delete_namespace"
# Logos are at addresses that owners of namespaces give; nothing else may come from other servers.
LOGO_POLICY = POLICY.replace("img-src 'self' data:", "img-src 'self' data: https:")


class NamespaceForm(Form):
    name = exact(
        _("Name"),
        64,
        help_text=_("The first part of its collections' names: lower case letters, digits and _."),
    )
    company = text(_("Company"), 64)
    email = forms.EmailField(label=_("E-mail"), max_length=256, required=False)
    avatar_url = forms.URLField(
        label=_("Logo"),
        max_length=256,
        required=False,
        assume_scheme="https",
        help_text=_("The address of a picture, with https."),
    )
    description = text(_("Description"), 256)
    links = LinksField(
        label=_("Links"), required=False, help_text=_("One a line: a name, a space, an address.")
    )
    resources = forms.CharField(
        label=_("Resources"),
        max_length=RESOURCES_LIMIT,
        required=False,
        widget=area(8),
        help_text=_("Markdown, shown on the page of the namespace."),
    )


class NamespaceList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        words = self.words
        is_mine = request.GET.get("whose") == "mine"
        rows = owned_by(self.user) if is_mine else Namespace.objects.all()
        if words:
            rows = rows.filter(name__icontains=words) | rows.filter(company__icontains=words)
        page = page_of(request, rows.order_by("name"))
        context = {
            "page": page,
            "words": words,
            "is_mine": is_mine,
            "can_add": allows(self.user, ADD),
            "counts": _counts([each.name for each in page.rows], self.user),
        }
        return self.show("namespaces", context)


def _counts(names: list[str], user: Any) -> dict[str, int]:
    """How many collections of each namespace somebody finds. One statement."""
    found = find(Criteria(repository_labels="!hide_from_search", is_highest=True), by=user)
    rows = found.filter(namespace__in=names).order_by().values("namespace")
    counted = rows.annotate(collections=Count("collection", distinct=True))
    return dict.fromkeys(names, 0) | dict(counted.values_list("namespace", "collections"))


class NamespacePage(ContentPage):
    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        namespace = find_namespace(name)
        found = search(
            Criteria(namespace=name, is_highest=True, repository_labels="!hide_from_search", order="name"),
            by=self.user,
        )
        page = page_of(request, found.keys())
        may = set(allowed(self.user, [namespace])[namespace.pk])
        context = {
            "namespace": namespace,
            "logo": _logo(namespace),
            "links": [
                (each.get("name"), address)
                for each in namespace.links
                if isinstance(each, dict) and (address := web_address(each.get("url")))
            ],
            "resources": shown_html(to_html(namespace.resources)),
            "page": page,
            "results": list(results(page.rows, {each.pk: each for each in readable(self.user)})),
            "can_change": CHANGE in may,
            "can_delete": DELETE in may,
            "can_upload": "galaxy.upload_to_namespace" in may,
            "in_use": CollectionVersion.objects.filter(namespace=name).exists(),
        }
        answer = self.show("namespace", context)
        answer.headers["Content-Security-Policy"] = LOGO_POLICY
        return answer


def _logo(namespace: Namespace) -> str:
    address = web_address(namespace.avatar_url)
    return address if address.startswith("https:") else ""


def new_namespace(page: ContentPage, data: Any) -> Asking:
    require(page.user, ADD)

    def act(form: Form) -> HttpResponse:
        made = create_namespace(_changes(form), by=page.user)
        return page.said(gettext("Created namespace %(made)s.") % {"made": made}, _at(made))

    back = reverse("namespaces")
    return Asking(
        title=gettext("New namespace"),
        action=gettext("Create namespace"),
        form=NamespaceForm(data, initial={"name": page.request.GET.get("name", "")}),
        act=act,
        back=back,
        trail=[(gettext("Namespaces"), back)],
    )


def edit(page: ContentPage, data: Any, name: str) -> Asking:
    namespace = find_namespace(name)
    require(page.user, CHANGE, namespace)

    def act(form: Form) -> HttpResponse:
        changed = change_namespace(namespace, _changes(form), by=page.user)
        return page.said(gettext("Saved namespace %(changed)s.") % {"changed": changed}, _at(changed))

    return Asking(
        title=gettext("Edit namespace %(namespace)s") % {"namespace": namespace},
        action=gettext("Save"),
        form=NamespaceForm(
            data, initial={each: getattr(namespace, each) for each in NamespaceForm.base_fields}
        ),
        act=act,
        back=_at(namespace),
        trail=_trail(namespace),
    )


def deletion(page: ContentPage, data: Any, name: str) -> Asking:
    namespace = find_namespace(name)
    require(page.user, DELETE, namespace)

    def act() -> HttpResponse:
        delete_namespace(namespace, by=page.user)
        words = gettext("Deleted namespace %(name)s.") % {"name": namespace.name}
        return page.said(words, reverse("namespaces"))

    return question(
        data,
        title=gettext("Delete namespace %(namespace)s?") % {"namespace": namespace},
        lines=[gettext("Nobody can publish into it then, and its owners lose their roles on it.")],
        action=gettext("Delete"),
        act=act,
        back=_at(namespace),
        obstacles=_collections_in(namespace, page.user),
        obstacles_say=gettext("It still has collections. Delete these first, from every repository:"),
    )


def _collections_in(namespace: Namespace, user: User) -> list[str]:
    """Those that keep it from being deleted, by name as far as somebody may read them. Two statements."""
    versions = CollectionVersion.objects.filter(namespace=namespace.name)
    readable = versions.filter(pk__in=readable_versions(user).values("pk"))
    known, all_of_them = (set(each.values_list("name", flat=True)) for each in (readable, versions))
    hidden = len(all_of_them - known)
    words = ngettext(
        "%(count)s collection that you may not see", "%(count)s collections that you may not see", hidden
    )
    unnamed = [words % {"count": hidden}] if hidden else []
    return [f"{namespace}.{each}" for each in sorted(known)] + unnamed


def namespace_access(page: ContentPage, data: Any, name: str) -> Asking:
    namespace = find_namespace(name)
    return access(page, data, namespace, _trail(namespace))


def _at(namespace: Namespace) -> str:
    return reverse("namespace", args=[namespace.name])


def _trail(namespace: Namespace) -> Trail:
    return [(gettext("Namespaces"), reverse("namespaces")), (namespace.name, _at(namespace))]


def _changes(form: Form) -> NamespaceChanges:
    return cast(NamespaceChanges, form.cleaned_data)  # the form has just these fields
