"""What the pages about content have in common: one act a page, and what follows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from cartwheel.engine.events import newest
from cartwheel.engine.models import Task
from cartwheel.kit.errors import Conflict, Invalid, NotFound
from cartwheel.web.content.forms import Form
from cartwheel.web.drafts import restore, take_draft
from cartwheel.web.notices import notify_started, tell
from cartwheel.web.views.pages import Page
from cartwheel.web.views.typed import TypedPage

TEXT_LIMIT = 200  # characters of what is looked for
Trail = Sequence[tuple[str, str]]  # names and addresses of the pages above one


class ContentPage(Page):
    """A page that follows what happens, as far as its template asks for it."""

    @property
    def words(self) -> str:
        """What the page is searched for."""
        return self.request.GET.get("q", "").replace("\0", "")[:TEXT_LIMIT]

    @property
    def origin(self) -> str:
        """What addresses of this hub begin with, as this person reaches it."""
        return f"{self.request.scheme}://{self.request.get_host()}"

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

    def said(self, words: str, address: str, *, is_bad: bool = False) -> HttpResponse:
        """Go on after an act that is over already, or was refused, and say so."""
        tell(self.request, words, is_bad=is_bad)
        return self.done(address, leave=True)


@dataclass(frozen=True)
class Asking:
    """A form, and the act that an answer leads to."""

    title: str
    action: str  # the word on the button
    form: Form
    act: Callable[[Any], HttpResponse]  # takes the form; what it refuses is said in there
    back: str = ""  # where Cancel leads
    trail: Trail = ()
    template: str = "form"
    more: Mapping[str, Any] = field(default_factory=dict)  # for the template

    def context(self) -> dict[str, Any]:
        named = {name: getattr(self, name) for name in ("title", "action", "form", "back", "trail")}
        return {**named, **self.more}


class FormPage(TypedPage, ContentPage):
    """Asks something, and does it. What is refused is said in the form, with all that was typed."""

    ask: Callable[..., Asking] | None = None  # takes the page, what was sent or None, and the address's names

    def get(self, request: HttpRequest, **named: Any) -> HttpResponse:
        asking, typed = self._asking(None, named), take_draft(request)
        if typed:
            restore(asking.form, typed)
        return self.show(asking.template, asking.context() | {"is_restored": bool(typed)})

    def post(self, request: HttpRequest, **named: Any) -> HttpResponse:
        asking = self._asking(request.POST, named)
        if asking.form.is_valid():
            try:
                return asking.act(asking.form)
            except (Invalid, Conflict, NotFound) as problem:
                asking.form.refuse(problem)
        return self._show(asking)

    def _asking(self, data: Any, named: dict[str, Any]) -> Asking:
        assert self.ask is not None  # noqa: S101, see asks()
        return self.ask(self, data, **named)

    def _show(self, asking: Asking) -> HttpResponse:
        return self.show(asking.template, asking.context())


def asks(ask: Callable[..., Asking]) -> Callable[..., HttpResponseBase]:
    """The view of a page that asks what this function gives. It raises Denied for who may not even see it."""
    return FormPage.as_view(ask=ask)


def question(
    data: Any,
    *,
    title: str,
    lines: Sequence[str],
    action: str,
    act: Callable[[], HttpResponse],
    back: str,
    **more: Any,
) -> Asking:
    """An act that wants to be sure. `lines` say what happens; `obstacles`, after `obstacles_say`, what
    stands in its way; `kind="primary"` is for what does no harm.
    """
    return Asking(
        title=title,
        action=action,
        form=Form(data),
        act=lambda _: act(),
        back=back,
        template="question",
        more={"lines": lines, **more},
    )
