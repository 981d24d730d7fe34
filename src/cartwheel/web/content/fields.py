"""Fields of the forms about content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext

from cartwheel.kit.texts import is_storable
from cartwheel.registry.labels import TERM

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LINKS = 100
NUMBER_LIMIT = 2_147_483_647


def text(
    label: StrOrPromise,
    limit: int,
    *,
    required: bool = False,
    help_text: StrOrPromise = "",
    **attributes: str,
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(attributes),
    )


def exact(
    label: StrOrPromise, limit: int, *, help_text: StrOrPromise = "", required: bool = True
) -> forms.CharField:
    """What is typed exactly: nothing corrects it or writes it large."""
    exact = {"spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}
    return text(label, limit, required=required, help_text=help_text, **exact)


def number(label: StrOrPromise, least: int, *, help_text: StrOrPromise = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=NUMBER_LIMIT, required=False, help_text=help_text
    )


def secret(label: StrOrPromise, limit: int, *, help_text: StrOrPromise = "") -> forms.CharField:
    """Never shown again, not even with a form that was refused."""
    widget = forms.PasswordInput({"autocomplete": "new-password"}, render_value=False)
    return forms.CharField(
        label=label, max_length=limit, required=False, strip=False, widget=widget, help_text=help_text
    )


class LinksField(forms.CharField):
    """One link a line: a name, a space, an address. Becomes [{"name", "url"}]."""

    widget = forms.Textarea({"rows": "4", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(f"{each['name']} {each['url']}" for each in value)
        return value

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        if len(lines) > LINKS:
            raise ValidationError(gettext("At most %(count)s links are allowed.") % {"count": LINKS})
        return [_link(line) for line in lines]

    def validate(self, value: Any) -> None:
        return


def _link(line: str) -> dict[str, str]:
    label, _, address = line.rpartition(" ")
    if not label.strip():
        raise ValidationError(gettext("“%(line)s” needs a name, a space, and an address.") % {"line": line})
    if len(label) > 32 or len(address) > 256:
        raise ValidationError(
            gettext("“%(line)s” is too long: names have 32 characters, addresses 256.") % {"line": line}
        )
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        raise ValidationError(
            gettext("“%(address)s” is no address of a web page.") % {"address": address}
        ) from None
    return {"name": label.strip(), "url": address}


class LabelsField(forms.CharField):
    """One label a line: key, or key=value. Becomes an object."""

    widget = forms.Textarea({"rows": "3", "spellcheck": "false", "autocapitalize": "none", "class": "mono"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return "\n".join(f"{key}={said}" if said else key for key, said in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        found: dict[str, str] = {}
        for line in str(value or "").splitlines():
            key, _, said = line.strip().partition("=")
            if not key and not said:
                continue
            match = TERM.fullmatch(key)
            if match is None or match["key"] != key:
                raise ValidationError(
                    gettext("“%(key)s” is no key: it has letters, digits, _ and - only.") % {"key": key}
                )
            if not is_storable(said):
                raise ValidationError(gettext("The value of %(key)s cannot be kept.") % {"key": key})
            found[key] = said
        return found

    def validate(self, value: Any) -> None:
        return
