"""Forms that keep what was typed and say what is wrong beside the field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

from cartwheel.kit.errors import CartwheelError, NameTaken

TAKEN = _("There is one of that name already. Choose another.")


class Renderer(DjangoTemplates):
    field_template_name = "web/content/_field.html"


class Form(forms.Form):
    """A form of these pages. `wide` names the fields that take a whole line."""

    default_renderer = Renderer
    wide: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def add_error(self, field: str | None, error: Any) -> None:
        """The first field with something wrong is where one goes on."""
        super().add_error(field, error)
        first = next((name for name in self.fields if name in self.errors), None)
        for name, each in self.fields.items():
            each.widget.attrs.pop("autofocus", None)
            if name == first:
                each.widget.attrs["autofocus"] = True

    def refuse(self, problem: CartwheelError) -> None:
        """Say what an act said was wrong, beside the field that it named."""
        self.add_error(self.place_of(problem), TAKEN if isinstance(problem, NameTaken) else problem.message)

    def place_of(self, problem: CartwheelError) -> str | None:
        """The field to say it beside."""
        return problem.field if problem.field in self.fields else None


def area(rows: int, **attributes: str) -> forms.Textarea:
    return forms.Textarea({"rows": str(rows), **attributes})


def mono(rows: int, **attributes: str) -> forms.Textarea:
    """For what machines read: no spelling, fixed width."""
    return area(rows, spellcheck="false", autocapitalize="none", **{"class": "mono"}, **attributes)


def boxes() -> forms.CheckboxSelectMultiple:
    """For any number of many: a list with a box before each, which scrolls if it is long."""
    return forms.CheckboxSelectMultiple({"class": "boxes"})
