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
from cartwheel.web.views.content.base import Asking, ContentPage, question

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


def serve(page: ContentPage, repository: Repository, called: str) -> Task:
    """Serve a repository at a path that is named as it is. Raises Invalid, Denied."""
    if not re.fullmatch(PATH, called):
        raise Invalid(
            gettext("%(called)s cannot be a path. Make a distribution with another one.") % {"called": called}
        )
    given = {"name": called, "base_path": called, "repository": repository}
    return create_distribution(given, by=page.user, origin=page.origin)


class DistributionList(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        words = self.words
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


def new_distribution(page: ContentPage, data: Any) -> Asking:
    everywhere, by_id = permissions_by_object(page.user, "repository")
    may_one = any(CHANGE in held for held in by_id.values())
    if not (page.user.is_superuser or CHANGE in everywhere or may_one):
        raise Denied(DENIED)

    def act(form: Form) -> HttpResponse:
        task = create_distribution(form.cleaned_data, by=page.user, origin=page.origin)
        return page.then(task, reverse("distributions"))

    back = reverse("distributions")
    return Asking(
        title=gettext("New distribution"),
        action=gettext("Create distribution"),
        form=DistributionForm(page.user, data, initial={"repository": page.request.GET.get("repository")}),
        act=act,
        back=back,
        trail=[(gettext("Distributions"), back)],
    )


def edit(page: ContentPage, data: Any, distribution_id: UUID) -> Asking:
    known = _find(distribution_id)
    require_change(known, by=page.user)

    def act(form: Form) -> HttpResponse:
        task = change_distribution(known, form.cleaned_data, by=page.user, origin=page.origin)
        return page.then(task, reverse("distributions"))

    back = reverse("distributions")
    return Asking(
        title=gettext("Edit distribution %(distribution)s") % {"distribution": known},
        action=gettext("Save"),
        form=_form_of(known, data, page.user),
        act=act,
        back=back,
        trail=[(gettext("Distributions"), back)],
    )


def deletion(page: ContentPage, data: Any, distribution_id: UUID) -> Asking:
    known = _find(distribution_id)
    require(page.user, DELETE, repository_of(known))

    def act() -> HttpResponse:
        return page.then(delete_distribution(known, by=page.user), reverse("distributions"))

    goes = gettext("Clients no longer find anything at %(base_path)s. The repository stays.")
    return question(
        data,
        title=gettext("Delete distribution %(known)s?") % {"known": known},
        lines=[goes % {"base_path": known.base_path}],
        action=gettext("Delete"),
        act=act,
        back=reverse("distributions"),
        obstacles=[known.base_path] if is_protected(known) else [],
        obstacles_say=gettext("Every hub has this path, so it cannot be deleted:"),
    )


def _form_of(known: Distribution, data: Any, by: User) -> DistributionForm:
    initial = {each: getattr(known, each) for each in DistributionForm.base_fields}
    form = DistributionForm(by, data, initial=initial)
    if known.repository_version:
        del form.fields["repository"]  # it serves one version for good
    if is_protected(known):
        form.fields["base_path"].disabled = True
        form.fields["base_path"].help_text = gettext("Every hub has this path; it stays.")
    return form


def _find(distribution_id: UUID) -> Distribution:
    """Raises Http404."""
    related = ("repository", "repository_version__repository")
    found = Distribution.objects.select_related(*related).filter(pk=distribution_id).first()
    if found is None:
        raise Http404
    return found
