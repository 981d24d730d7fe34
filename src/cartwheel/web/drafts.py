"""What was typed into a form whose session had ended: it goes through the page to sign in, and back into the form.

Scripts keep it in the browser (drafts.js); this is for who has none.
"""

from __future__ import annotations

import re

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

LIMIT = 100_000  # characters; nothing is kept of more
LEFT_OUT = re.compile("password|token|secret|key|cert", re.IGNORECASE)  # in the name of a field


def draft_of(sent: QueryDict) -> str:
    """What was sent, but for secrets, as the query of an address."""
    kept = sent.copy()
    for name in [each for each in kept if LEFT_OUT.search(each)]:
        del kept[name]
    return kept.urlencode()


def keep_draft(request: HttpRequest, address: str, draft: str) -> None:
    """Keep it for the form at that address, which comes next."""
    if draft and len(draft) <= LIMIT:
        request.session["draft"] = [address, draft]


def take_draft(request: HttpRequest) -> QueryDict | None:
    """What was typed into the form at this address, once."""
    address, draft = request.session.pop("draft", ("", ""))
    return QueryDict(draft) if address == request.get_full_path() else None


def restore(form: forms.Form, typed: QueryDict) -> None:
    """Show what was typed as if it had been there before. It is not saved yet."""
    for name, field in form.fields.items():
        widget, files = field.widget, MultiValueDict[str, object]()
        if not widget.value_omitted_from_data(typed, files, name):
            form.initial[name] = widget.value_from_datadict(typed, files, name)
