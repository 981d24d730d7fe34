"""Labels as Pulp has them changed: the same two addresses below each object that has some."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from django.http import Http404
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.authentication import signed_in
from cartwheel.api.label_input import KeyInput, LabelInput
from cartwheel.api.repository_input import read
from cartwheel.api.views import PulpView
from cartwheel.registry.labelling import Labelled, require_label, set_label, unset_label

Find = Callable[[Request, str], Labelled]


def _nothing(request: Request, identifier: str) -> NoReturn:
    raise Http404


class _OfObject(PulpView):
    find: Find = staticmethod(_nothing)  # each address says its own


class SetLabel(_OfObject):
    def post(self, request: Request, identifier: str) -> Response:
        found, by = self.find(request, identifier), signed_in(request)
        require_label(found, by=by)
        given = read(LabelInput, request)
        set_label(found, given["key"], given["value"], by=by)
        return Response(given, status=201)


class UnsetLabel(_OfObject):
    def post(self, request: Request, identifier: str) -> Response:
        found, by = self.find(request, identifier), signed_in(request)
        require_label(found, by=by)
        key = read(KeyInput, request)["key"]
        return Response({"key": key, "value": unset_label(found, key, by=by)}, status=201)


def label_urls(root: str, find: Find) -> list[URLPattern]:
    """The addresses below each object of a kind. `root` is that of their list, `find` finds one of them."""
    views = {"set_label": SetLabel, "unset_label": UnsetLabel}
    return [
        path(f"{root}<str:identifier>/{name}/", view.as_view(find=staticmethod(find)))
        for name, view in views.items()
    ]
