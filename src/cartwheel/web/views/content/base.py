"""What the pages about content have in common: one act a page, and what follows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from cartwheel.engine.events import newest
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Conflict, Invalid, NotFound
from cartwheel.web.content.forms import Form
from cartwheel.web.notices import notify_started, tell
from cartwheel.web.views.pages import Page


class ContentPage(Page):
    """A page that follows what happens, as far as its template asks for it."""

    def show(self, template: str, context: dict[str, Any], *, event: int | None = None) -> HttpResponse:
        """`event` is the newest one from before the rows were read, for pages that follow."""
        return self.render_live(
            f"web/content/{template}.html", context, event=newest() if event is None else event
        )

    def then(self, tasks: Task | Iterable[Task] | None, address: str) -> HttpResponse:
        """Go on after an act: notices follow the tasks that it started."""
        for each in [tasks] if isinstance(tasks, Task) else tasks or ():
            notify_started(self.request, each)
        return self.done(address, leave=True)

    def said(self, words: str, address: str) -> HttpResponse:
        """Go on after an act that is over already, and say so."""
        tell(self.request, words)
        return self.done(address, leave=True)


class FormPage(ContentPage):
    """One form and the act behind it. What is refused is said in the form, with all that was typed."""

    template: ClassVar[str] = "form"

    def form(self, data: Any = None, files: Any = None) -> Form:
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """`title`, `action` (the word on the button), `back` (where Cancel leads)."""
        raise NotImplementedError

    def allow(self) -> None:
        """Raises Denied for those who may not even see the form."""

    def act(self, form: Any) -> HttpResponse:
        raise NotImplementedError

    def get(self, request: HttpRequest, **named: Any) -> HttpResponse:
        self.allow()
        return self.show(self.template, {"form": self.form(), **self.context()})

    def post(self, request: HttpRequest, **named: Any) -> HttpResponse:
        self.allow()
        form = self.form(request.POST, request.FILES)
        if form.is_valid():
            try:
                return self.act(form)
            except (Invalid, Conflict, NotFound) as problem:
                form.refuse(problem)
        return self.show(self.template, {"form": form, **self.context()})


class QuestionPage(FormPage):
    """An act that wants to be sure. `context` also has `lines` that say what happens, and `obstacles`."""

    template = "question"

    def form(self, data: Any = None, files: Any = None) -> Form:
        return Form(data, files)
