"""What one does with a collection: deprecate it, take that back, delete it or one of its versions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cartwheel.registry.deletion import delete, delete_version, require_delete
from cartwheel.registry.dependents import dependents, dependents_of_version
from cartwheel.registry.deprecation import deprecate, recommend, require_deprecate
from cartwheel.registry.models import CollectionVersion, User
from cartwheel.web.content.shown import Shown, find_shown
from cartwheel.web.views.content.base import Asking, ContentPage, question

NEEDED = _("Others need it. Delete these first:")
NEEDED_VERSION = _("Others need it. Delete these first, or publish another version that does for them:")


def deprecation(page: ContentPage, data: Any, **named: str) -> Asking:
    """Deprecates a collection in a repository, or takes it back."""
    shown = _shown(page, **named)
    require_deprecate(shown.version.collection, shown.repository, by=page.user)
    names = {"name": shown.name, "repository": shown.repository}

    def act() -> HttpResponse:
        change = recommend if shown.is_deprecated else deprecate
        return page.then(change(shown.version.collection, shown.repository, by=page.user), shown.address())

    if shown.is_deprecated:
        line = gettext("All its versions in %(repository)s are no longer marked as deprecated.")
        return question(
            data,
            title=gettext("Recommend %(name)s again?") % names,
            lines=[line % names],
            action=gettext("Recommend again"),
            act=act,
            back=shown.address(),
            kind="primary",
        )
    line = gettext("All its versions in %(repository)s are marked as deprecated and left out of the search.")
    return question(
        data,
        title=gettext("Deprecate %(name)s?") % names,
        lines=[line % names, gettext("They can still be installed.")],
        action=gettext("Deprecate"),
        act=act,
        back=shown.address(),
        kind="primary",
    )


def deletion(page: ContentPage, data: Any, **named: str) -> Asking:
    """Deletes a collection, or with `?version=` one version, from the whole hub."""
    shown = _shown(page, **named)
    version, is_one = shown.version, "version" in page.request.GET
    require_delete(version.namespace, by=page.user)
    all_of_it = CollectionVersion.objects.filter(collection=version.collection)
    versions = [version.version] if is_one else list(all_of_it.values_list("version", flat=True))

    def act() -> HttpResponse:
        if is_one:
            return page.then(delete_version(version, by=page.user), reverse("collections"))
        return page.then(delete(version.collection, by=page.user), reverse("collections"))

    return question(
        data,
        title=gettext("Delete %(what)s?") % {"what": version if is_one else shown.name},
        lines=[_goes(shown, versions, is_one=is_one), gettext("This cannot be undone.")],
        action=gettext("Delete"),
        act=act,
        back=shown.address(),
        obstacles=_dependents(version, page.user, is_one=is_one),
        obstacles_say=NEEDED_VERSION if is_one else NEEDED,
    )


def _dependents(version: CollectionVersion, user: User, *, is_one: bool) -> list[str]:
    if is_one:
        return dependents_of_version(version, to=user)
    return dependents(version.collection, to=user)


def _goes(shown: Shown, versions: list[str], *, is_one: bool) -> str:
    if is_one:
        places = ", ".join(map(str, [shown.repository, *shown.elsewhere]))
        words = gettext("It goes from every repository that has it (%(places)s), with its file.")
        return words % {"places": places}
    words = ngettext(
        "Its one version goes from every repository that has it, with its file.",
        "All its %(count)s versions go from every repository that has them, with their files.",
        len(versions),
    )
    return words % {"count": len(versions)}


def _shown(page: ContentPage, repository: str, namespace: str, name: str) -> Shown:
    """The collection that the address names."""
    wanted = page.request.GET.get("version", "").replace("\0", "")
    return find_shown(repository, namespace, name, wanted, page.user)
