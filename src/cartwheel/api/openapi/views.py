"""Where the documents are, and a page to read them on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
import yaml
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views import View
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from cartwheel.api.addresses import prefix_of
from cartwheel.api.openapi.document import Document, hub_document, plain_pulp_document, pulp_document
from cartwheel.api.openapi.schemas import SCHEMAS

MAX_AGE_SECONDS = 300
JSON, YAML = "application/json", "application/vnd.oai.openapi"
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # not every build of PyYAML has the quick one


@gzip_page
@require_safe
def pulp_api(request: HttpRequest) -> HttpResponse:
    """Pulp's part. pulp-cli asks for it without credentials and follows no redirect.

    With `pk_path=1` the parts of addresses are parameters, as in the document of the whole hub.
    """
    return _answer(request, plain_pulp_document if request.GET.get("pk_path") else pulp_document)


@gzip_page
@require_safe
def pulp_api_as_yaml(request: HttpRequest) -> HttpResponse:
    return _answer(request, plain_pulp_document if request.GET.get("pk_path") else pulp_document, YAML)


@gzip_page
@require_safe
def whole_api(request: HttpRequest) -> HttpResponse:
    """All of it."""
    return _answer(request, hub_document)


@gzip_page
@require_safe
def whole_api_as_yaml(request: HttpRequest) -> HttpResponse:
    return _answer(request, hub_document, YAML)


class ToThePage(View):
    """Where the original has pages of Swagger and ReDoc, there is one of ours."""

    is_documented = False

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("api-docs")


@ensure_csrf_cookie
@gzip_page
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The whole API, to read and to try out."""
    return render(request, "api/docs.html", {"prefix": prefix_of(request), "tags": _tags(prefix_of(request))})


def _answer(request: HttpRequest, make: Callable[[str], Document], form: str = JSON) -> HttpResponse:
    body, tag = _rendered(make, prefix_of(request), form)
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}"}
    if tag.strip('"') in request.headers.get("If-None-Match", ""):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(body, content_type=form, headers=headers)


@cache
def _rendered(make: Callable[[str], Document], prefix: str, form: str) -> tuple[bytes, str]:
    """A document and its entity tag, made once in each process."""
    body = orjson.dumps(make(prefix))
    if form == YAML:  # by way of JSON, so that nothing in it is an alias of something else
        body = yaml.dump(orjson.loads(body), Dumper=DUMPER, encoding="utf-8", sort_keys=False)
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@cache
def _tags(prefix: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """The operations by their tags, as the page lists them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for address, item in hub_document(prefix)["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                row = {
                    "method": method.upper(),
                    "path": address,
                    "parameters": [*item.get("parameters", []), *operation.get("parameters", [])],
                    "operation": operation,
                    "example": _example(operation),
                }
                found.setdefault(operation["tags"][0], []).append(row)
    return sorted(found.items())


def _example(operation: dict[str, Any]) -> str | None:
    """The body with everything in it that it must have; None where there is none to send."""
    kinds = operation.get("requestBody", {}).get("content", {})
    if not kinds:
        return None
    schema = next(iter(kinds.values()))["schema"]
    named = SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    values = {"array": [], "object": {}, "integer": 0, "boolean": False}
    kinds_of = {name: named["properties"][name].get("type", "") for name in named.get("required", ())}
    return json.dumps({name: values.get(kind, "") for name, kind in kinds_of.items()}, indent=1)


urlpatterns: list[URLPattern] = [
    path("pulp/api/v3/docs/api.json", pulp_api),
    path("pulp/api/v3/docs/api.yaml", pulp_api_as_yaml),
    path("pulp/api/v3/docs/", ToThePage.as_view()),
    path("pulp/api/v3/swagger/", ToThePage.as_view()),
    path("v3/openapi.json", whole_api),
    path("v3/galaxy.json", whole_api),
    path("v3/galaxy-pulp.json", pulp_api),
    path("v3/openapi.yaml", whole_api_as_yaml),
    path("v3/redoc/", ToThePage.as_view()),
    path("v3/swagger-ui/", ToThePage.as_view()),
]
