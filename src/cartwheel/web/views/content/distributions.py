"""Distributions: the paths that serve repositories to clients."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartwheel.engine.models import Task
from cartwheel.kit.errors import Denied, Invalid
from cartwheel.registry.distribution_settings import (
    CHANGE,
    DELETE,
    change_distribution,
    create_distribution,
    delete_distribution,
    is_protected,
    repository_of,
    require_change,
)
from cartwheel.registry.models import Distribution, Repository, User
from cartwheel.registry.permissions import DENIED, permissions_by_object, require
from cartwheel.web.content.fields import LabelsField, exact
from cartwheel.web.content.finding import readable
from cartwheel.web.content.forms import Form
from cartwheel.web.content.paging import page_of
from cartwheel.web.views.content.base import ContentPage, FormPage, QuestionPage

TEXT_LIMIT = 200  # characters of what is looked for
# As in the paths of addresses; clients put it behind content/ without quoting it.
PATH = r"[\w.~-]+(/[\w.~-]+)*"
IS_PATH = RegexValidator(rf"\A{PATH}\Z", _("Letters, digits, _ . ~ - and slashes between, please."))


class DistributionForm(Form):
    name = exact(_("Name"), 255)
    base_path = forms.CharField(
        label=_("Path"),
        max_length=255,
        validators=[IS_PATH],
        help_text=_("Clients find it below content/, as in …/content/<path>/."),
    )
    repository = forms.ModelChoiceField(
        Repository.objects.none(), label=_("Repository"), required=False, empty_label=_("None for now")
    )
    hidden = forms.BooleanField(
        label=_("Hidden: left out where paths are listed for everybody"), required=False
    )
    labels = LabelsField(label=_("Labels"), required=False, help_text=_("One a line: key, or key=value."))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        repository = self.fields["repository"]
        if isinstance(repository, forms.ModelChoiceField):
            repository.queryset = readable(user)


def serve(request: HttpRequest, repository: Repository, called: str, *, by: User) -> Task:
    """Serve a repository at a path that is named as it is. Raises Invalid, Denied."""
    if not re.fullmatch(PATH, called):
        raise Invalid(
            gettext("%(called)s cannot be a path. Make a distribution with another one.") % {"called": called}
        )
    given = {"name": called, "base_path": called, "repository": repository}
    return create_distribution(given, by=by, origin=origin_of(request))


def origin_of(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


class DistributionList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "").replace("\0", "")[:TEXT_LIMIT]
        seen = readable(self.user).values("pk")
        shown = (
            Q(repository=None, repository_version=None)
            | Q(repository__in=seen)
            | Q(repository_version__repository__in=seen)
        )
        rows = Distribution.objects.filter(shown).select_related(
            "repository", "repository_version__repository"
        )
        if words:
            rows = rows.filter(Q(name__icontains=words) | Q(base_path__icontains=words))
        everywhere, by_id = permissions_by_object(self.user, "repository")
        may_all = self.user.is_superuser or CHANGE in everywhere
        page = page_of(request, rows.order_by("name"))
        shown_rows = []
        for each in page.rows:
            served = repository_of(each)
            held = by_id.get(str(served.pk), set()) if served else set()
            can_delete = (
                self.user.is_superuser or DELETE in everywhere or DELETE in held
            ) and not is_protected(each)
            shown_rows.append((each, served, may_all or CHANGE in held, can_delete))
        can_add = may_all or any(CHANGE in held for held in by_id.values())
        return self.show(
            "distributions", {"page": page, "rows": shown_rows, "words": words, "can_add": can_add}
        )


class NewDistribution(FormPage):
    def allow(self) -> None:
        everywhere, by_id = permissions_by_object(self.user, "repository")
        if not (
            self.user.is_superuser or CHANGE in everywhere or any(CHANGE in held for held in by_id.values())
        ):
            raise Denied(DENIED)

    def form(self, data: Any = None, files: Any = None) -> Form:
        return DistributionForm(self.user, data, initial={"repository": self.request.GET.get("repository")})

    def context(self) -> dict[str, Any]:
        back = reverse("distributions")
        return {
            "title": gettext("New distribution"),
            "action": gettext("Create distribution"),
            "back": back,
            "trail": [(gettext("Distributions"), back)],
        }

    def act(self, form: Any) -> HttpResponse:
        task = create_distribution(form.cleaned_data, by=self.user, origin=origin_of(self.request))
        return self.then(task, reverse("distributions"))


class DistributionPart(ContentPage):
    @property
    def distribution(self) -> Distribution:
        wanted: UUID = self.kwargs["distribution_id"]
        related = ("repository", "repository_version__repository")
        found = Distribution.objects.select_related(*related).filter(pk=wanted).first()
        if found is None:
            raise Http404
        return found


class EditDistribution(DistributionPart, FormPage):
    def allow(self) -> None:
        require_change(self.distribution, by=self.user)

    def form(self, data: Any = None, files: Any = None) -> Form:
        known = self.distribution
        form = DistributionForm(
            self.user, data, initial={each: getattr(known, each) for each in DistributionForm.base_fields}
        )
        if known.repository_version:
            del form.fields["repository"]  # it serves one version for good
        if is_protected(known):
            form.fields["base_path"].disabled = True
            form.fields["base_path"].help_text = gettext("Every hub has this path; it stays.")
        return form

    def context(self) -> dict[str, Any]:
        back = reverse("distributions")
        return {
            "title": gettext("Edit distribution %(distribution)s") % {"distribution": self.distribution},
            "action": gettext("Save"),
            "back": back,
            "trail": [(gettext("Distributions"), back)],
        }

    def act(self, form: Any) -> HttpResponse:
        task = change_distribution(
            self.distribution, form.cleaned_data, by=self.user, origin=origin_of(self.request)
        )
        return self.then(task, reverse("distributions"))


class DistributionDeletion(DistributionPart, QuestionPage):
    def allow(self) -> None:
        require(self.user, DELETE, repository_of(self.distribution))
        if is_protected(self.distribution):
            raise Denied(DENIED)

    def context(self) -> dict[str, Any]:
        known = self.distribution
        return {
            "title": gettext("Delete distribution %(known)s?") % {"known": known},
            "lines": [
                gettext("Clients no longer find anything at %(base_path)s. The repository stays.")
                % {"base_path": known.base_path}
            ],
            "action": gettext("Delete"),
            "back": reverse("distributions"),
        }

    def act(self, form: Any) -> HttpResponse:
        return self.then(delete_distribution(self.distribution, by=self.user), reverse("distributions"))
