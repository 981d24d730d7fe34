"""Uploading collections: several files at once, with or without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from cartwheel.engine.events import newest
from cartwheel.engine.models import Task
from cartwheel.kit.errors import CartwheelError
from cartwheel.registry.artifacts import receive
from cartwheel.registry.contents import MODIFY
from cartwheel.registry.models import Distribution, User
from cartwheel.registry.namespaces import owned_by
from cartwheel.registry.permissions import allows, permissions_by_object
from cartwheel.registry.uploads import STAGING, NoNamespace, start_import
from cartwheel.web.content.imports import import_rows, imports_of
from cartwheel.web.notices import notify_started
from cartwheel.web.views.content.base import ContentPage
from cartwheel.web.views.content.namespaces import ADD
from cartwheel.web.views.pages import is_part

LATEST = 10  # imports shown below the form
FILES = 50  # in one form


@dataclass(frozen=True)
class Sent:
    """A file that was sent, and what became of it."""

    name: str
    task: Task | None = None
    problem: str = ""
    missing: str = ""  # the namespace that the person could make for it


class UploadPage(ContentPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form([])

    def post(self, request: HttpRequest) -> HttpResponse:
        base_path = request.POST.get("base_path", "") or STAGING
        sent = [self._take(each, base_path) for each in request.FILES.getlist("file")[:FILES]]
        if not sent:
            sent = [Sent("", problem="No file was chosen.")]
        for each in sent:
            if each.task:
                notify_started(request, each.task)
        if is_part(request):
            return self._answer(sent[0])
        if len(sent) == 1 and sent[0].task:
            return HttpResponseRedirect(reverse("import", args=[sent[0].task.pk]))
        return self._form(sent)

    def _take(self, file: Any, base_path: str) -> Sent:
        name = file.name or ""
        try:
            return Sent(name, task=accept(file, name, base_path, self.user))
        except NoNamespace as problem:
            missing = problem.namespace if allows(self.user, ADD) else ""
            return Sent(name, problem=problem.message, missing=missing)
        except CartwheelError as problem:
            return Sent(name, problem=problem.message)

    def _form(self, sent: list[Sent]) -> HttpResponse:
        event = newest()
        context = {
            "sent": sent,
            "owned": owned_by(self.user).exists(),
            "can_add_namespace": allows(self.user, ADD),
            "targets": list(targets(self.user)),
            "chosen": self.request.POST.get("base_path", STAGING),
            "latest": import_rows(imports_of(self.user)[:LATEST], self.user),
            "limit_mb": settings.CONFIG.upload_limit_mb,
            "is_approved_at_once": not settings.CONFIG.require_content_approval,
        }
        return self.show("upload", context, event=event)

    def _answer(self, sent: Sent) -> HttpResponse:
        answer = self.render("web/content/_sent.html", {"sent": sent})
        if sent.task:
            answer.headers["HX-Location"] = reverse("import", args=[sent.task.pk])
        return answer


def accept(file: UploadedFile[bytes], name: str, base_path: str, user: User) -> Task:
    """Store an uploaded file and start its import. Raises CartwheelError, and nothing is left then."""
    upload, digests = receive(file)
    try:
        return start_import(upload, digests, name, by=user, base_path=base_path).task
    finally:
        upload.discard()


def targets(user: User) -> Iterator[tuple[str, str]]:
    """Where somebody may upload to, beside staging: paths outside approval whose repository they may change."""
    everywhere, by_id = permissions_by_object(user, "repository")
    may_all = user.is_superuser or MODIFY in everywhere
    rows = Distribution.objects.exclude(repository=None).select_related("repository").order_by("base_path")
    for each in rows:
        repository = each.repository
        if (
            repository
            and repository.pipeline is None
            and (may_all or MODIFY in by_id.get(str(repository.pk), ()))
        ):
            yield each.base_path, repository.name
