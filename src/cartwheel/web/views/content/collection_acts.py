"""What one does with a collection: deprecate it, take that back, delete it or one of its versions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cartwheel.registry.deletion import delete, delete_version, require_delete
from cartwheel.registry.dependents import dependents
from cartwheel.registry.deprecation import deprecate, recommend, require_deprecate
from cartwheel.registry.models import CollectionVersion
from cartwheel.web.content.shown import Shown, find_shown
from cartwheel.web.views.content.base import QuestionPage

NEEDED = _("Others need it. Delete these first, or publish versions of them that no longer do:")


class CollectionQuestion(QuestionPage):
    """A question about the collection that the address names."""

    @property
    def shown(self) -> Shown:
        if not hasattr(self, "_shown"):
            named = self.kwargs
            wanted = self.request.GET.get("version", "").replace("\0", "")
            self._shown = find_shown(
                named["repository"], named["namespace"], named["name"], wanted, self.user
            )
        return self._shown


class Deprecation(CollectionQuestion):
    """Deprecates a collection in a repository, or takes it back."""

    def allow(self) -> None:
        require_deprecate(self.shown.version.collection, self.shown.repository, by=self.user)

    def context(self) -> dict[str, Any]:
        shown = self.shown
        if shown.is_deprecated:
            return {
                "title": gettext("Recommend %(name)s again?") % {"name": shown.name},
                "lines": [
                    gettext("All its versions in %(repository)s are no longer marked as deprecated.")
                    % {"repository": shown.repository}
                ],
                "action": gettext("Recommend again"),
                "kind": "primary",
                "back": shown.address(),
            }
        return {
            "title": gettext("Deprecate %(name)s?") % {"name": shown.name},
            "lines": [
                gettext(
                    "All its versions in %(repository)s are marked as deprecated and left out of the search. They can still be installed."
                )
                % {"repository": shown.repository}
            ],
            "action": gettext("Deprecate"),
            "back": shown.address(),
        }

    def act(self, form: Any) -> HttpResponse:
        collection, repository = self.shown.version.collection, self.shown.repository
        change = recommend if self.shown.is_deprecated else deprecate
        return self.then(change(collection, repository, by=self.user), self.shown.address())


class Deletion(CollectionQuestion):
    """Deletes a collection, or with `?version=` one version, from the whole hub."""

    @property
    def is_one(self) -> bool:
        return "version" in self.request.GET

    def allow(self) -> None:
        require_delete(self.shown.version.namespace, by=self.user)

    def context(self) -> dict[str, Any]:
        version = self.shown.version
        all_of_it = CollectionVersion.objects.filter(collection=version.collection)
        versions = [version.version] if self.is_one else list(all_of_it.values_list("version", flat=True))
        what = str(version) if self.is_one else self.shown.name
        if self.is_one:
            places = ", ".join(map(str, [self.shown.repository, *self.shown.elsewhere]))
            goes = gettext("It goes from every repository that has it (%(places)s), with its file.")
            goes %= {"places": places}
        else:
            goes = ngettext(
                "Its one version goes from every repository that has it, with its file.",
                "All its %(count)s versions go from every repository that has them, with their files.",
                len(versions),
            ) % {"count": len(versions)}
        return {
            "title": gettext("Delete %(what)s?") % {"what": what},
            "lines": [goes, gettext("This cannot be undone.")],
            "obstacles": dependents(version.collection, versions),
            "obstacles_say": NEEDED,
            "action": gettext("Delete"),
            "back": self.shown.address(),
        }

    def act(self, form: Any) -> HttpResponse:
        version = self.shown.version
        task = (
            delete_version(version, by=self.user) if self.is_one else delete(version.collection, by=self.user)
        )
        return self.then(task, reverse("collections"))
