"""The documents themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from cartwheel.api.openapi import galaxy, parameters, pulp
from cartwheel.api.openapi.naming import is_list, is_one, operation_id
from cartwheel.api.openapi.parameters import Parameter, Schema, query
from cartwheel.api.openapi.pulp import Act, Kind
from cartwheel.api.openapi.routes import Route, api_routes, pulp_routes
from cartwheel.api.openapi.schemas import SCHEMAS, galaxy_page_of, page_of
from cartwheel.api.pulp_v3.empty_lists import FOREIGN, Foreign
from cartwheel.api.versions import WORKER_VERSIONS

Document = dict[str, Any]

JSON = "application/json"
FORMS = (JSON, "application/x-www-form-urlencoded", "multipart/form-data")
SECURITY: list[dict[str, list[str]]] = [{"basicAuth": []}, {"tokenAuth": []}, {"cookieAuth": []}]
SCHEMES = {
    "basicAuth": {"type": "http", "scheme": "basic"},
    "tokenAuth": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The word Token, a space, and a token.",
    },
    "cookieAuth": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
}
UNKNOWN_KIND = Kind({"type": "object"}, {"type": "object"})


def pulp_document(prefix: str) -> Document:
    """Pulp's API as its clients want to read it: the address of a thing is one parameter, `{task_href}`."""
    paths = _pulp_paths(prefix, with_hrefs=True, also=foreign_routes())
    for path, method, operation in _refused(prefix):
        paths[path][method] = operation
    return _document("Pulp's API", paths)


def plain_pulp_document(prefix: str) -> Document:
    """Pulp's API with the parts of addresses as parameters."""
    return _document("Pulp's API", _pulp_paths(prefix, with_hrefs=False, also=foreign_routes()))


def hub_document(prefix: str) -> Document:
    """The whole hub, with the parts of addresses as parameters, as other tools want to read it."""
    return _document(
        "The hub's API", _pulp_paths(prefix, with_hrefs=False) | _other_paths(prefix, api_routes())
    )


def _document(title: str, paths: dict[str, Any]) -> Document:
    return {
        "openapi": "3.0.3",
        "info": {
            "title": f"Cartwheel: {title}",
            "version": "v3",
            "description": "Whatever changes the hub is a task: 202 names it. What stands below v3/ stands "
            "below content/{path}/v3/ too, where {path} is the base path of a distribution.",
            "x-pulp-app-versions": WORKER_VERSIONS,
            "x-pulp-domain-enabled": False,
        },
        "paths": paths,
        "components": {"schemas": SCHEMAS, "securitySchemes": SCHEMES},
    }


# -- Pulp -----------------------------------------------------------------------------------------


def foreign_routes() -> list[Route]:
    """The lists that Pulp's clients know and of which nothing is here: pulp-cli crashes where one is not described."""
    return [Route(f"{each}/", Foreign) for each in FOREIGN]


def _pulp_paths(prefix: str, *, with_hrefs: bool, also: Iterable[Route] = ()) -> dict[str, Any]:
    routes = [*pulp_routes(), *also]
    keys = {each.key for each in routes}
    keys |= {f"{each}/*/" for each in FOREIGN}
    keys |= {f"{each}*/" for each in pulp.kinds()}  # they are lists, also where things have no address
    paths: dict[str, Any] = {}
    for route in routes:
        href = _href(route.key) if with_hrefs else None
        path = _with_href(route, href) if href else f"{prefix}pulp/api/v3/{route.template}"
        given = [_in_path(pulp.HREFS[href], "str")] if href else _path_parameters(route)
        item = paths.setdefault(path, {"parameters": given} if given else {})
        for method in route.methods:
            item[method] = _pulp_operation(route, method, keys)
    return paths


def _refused(prefix: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The path, the method and the operation of what is only described to be refused."""
    routes = {each.key: each for each in (*pulp_routes(), *foreign_routes())}
    keys = {*routes, *(f"{key}*/" for _, key in pulp.REFUSED)}
    for method, key in pulp.REFUSED:
        route, href = routes[key], _href(key)
        operation = _operation(
            route,
            method,
            operation_id(method, key, keys),
            Act(0, {}, {"type": "object"}),
            tag="Pulp: refused",
        )
        operation["responses"] = {"4XX": operation["responses"]["4XX"]}
        yield _with_href(route, href) if href else f"{prefix}pulp/api/v3/{route.template}", method, operation


def _href(key: str) -> str | None:
    """The longest route of a thing that begins this route."""
    found = [each for each in pulp.HREFS if key.startswith(each)]
    return max(found, key=len, default=None)


def _with_href(route: Route, href: str) -> str:
    return f"{{{pulp.HREFS[href]}}}{route.key.removeprefix(href)}"


def _pulp_operation(route: Route, method: str, keys: Collection[str]) -> dict[str, Any]:
    key = route.key
    name = pulp.IDS.get((method, key)) or operation_id(method, key, keys)
    act = _act(method, key, keys)
    made = _operation(route, method, name, act, tag=f"Pulp: {key.split('/')[0] or 'root'}")
    if given := _pulp_query(method, route, keys):
        made["parameters"] = given
    return made


def _act(method: str, key: str, keys: Collection[str]) -> Act:
    """What a method takes and answers: by itself, by the last part of its route, or by its list."""
    last = key.rstrip("/").rpartition("/")[2]
    found = pulp.ACTS.get((method, key)) or pulp.ACTS_ANYWHERE.get((method, last))
    if found:
        return found
    kind = _kind(key, keys)
    if kind is None:
        return Act(200, {})
    if method == "get":
        return Act(200, kind.item if is_one(key) else page_of(kind.item))
    if method == "post":
        return Act(
            202 if kind.is_made_by_task else 201,
            pulp.TASK if kind.is_made_by_task else kind.item,
            kind.body,
            True,
        )
    if method == "delete":
        return Act(202, pulp.TASK) if kind.changes_by_task else Act(204)
    body = _partial(kind.body) if method == "patch" else kind.body
    if kind.changes_by_task:
        return Act(202, pulp.TASK, body, True, unchanged=kind.item)
    return Act(200, kind.item, body, True)


def _kind(key: str, keys: Collection[str]) -> Kind | None:
    parent = key.rstrip("/").rpartition("/")[0] + "/" if is_one(key) else key
    known = pulp.kinds().get(parent)
    return known or (UNKNOWN_KIND if is_one(key) or is_list(key, keys) else None)


def _pulp_query(method: str, route: Route, keys: Collection[str]) -> list[Parameter]:
    key = route.key
    if needed := pulp.HEADERS.get((method, key)):
        return [
            {"name": name, "in": "header", "required": True, "schema": parameters.TEXT} for name in needed
        ]
    if own := pulp.QUERIES.get((method, key)):
        return [query(name, schema) for name, schema in own.items()]
    if method != "get":
        return []
    kind = _kind(key, keys)
    if kind is None:
        return []
    if is_one(key):
        return [*_also(kind.also), *parameters.fields()]
    filters, orders = pulp.asked_of(kind, route)
    return [
        *parameters.filters(filters),
        *_also(kind.also),
        *([query("q", parameters.TEXT, "Filters, with NOT, AND and OR.")] if "q" not in filters else []),
        *([parameters.order(orders)] if orders else []),
        *parameters.paging(),
        *parameters.fields(),
    ]


def _also(names: Iterable[str]) -> list[Parameter]:
    return [query(name, pulp.ALSO[name]) for name in names]


def _partial(body: Schema | None) -> Schema | None:
    """The same body, of which nothing need be there."""
    if body is None or "$ref" not in body:
        return body
    named = SCHEMAS[body["$ref"].rpartition("/")[2]]
    return {name: value for name, value in named.items() if name != "required"}


# -- Galaxy and the web UI ------------------------------------------------------------------------


def _other_paths(prefix: str, routes: Iterable[Route]) -> dict[str, Any]:
    shown = [each for each in routes if isinstance(each.view, type) and not each.key.startswith("pulp/")]
    keys = {each.key for each in shown}
    paths: dict[str, Any] = {}
    for route in shown:
        item: dict[str, Any] = {"parameters": given} if (given := _path_parameters(route)) else {}
        for method in route.methods:
            item[method] = _other_operation(route, method, keys)
        paths[f"{prefix}{route.template}"] = item
    return paths


def _other_operation(route: Route, method: str, keys: Collection[str]) -> dict[str, Any]:
    listing = galaxy.listings().get(route.key) if method == "get" else None
    body = {"type": "object"} if method in ("post", "put", "patch") else None
    answer = galaxy_page_of({}) if listing else {}
    act = galaxy.ACTS.get((method, route.key)) or Act(0, answer, body)
    tag = "The web UI" if route.key.startswith("_ui/") else "Galaxy"
    made = _operation(route, method, f"{operation_id(method, route.key, keys) or 'root_read'}", act, tag=tag)
    if listing:
        made["parameters"] = [*parameters.filters(listing.filters), *listing.also, *parameters.paging()]
    return made


# -- both -----------------------------------------------------------------------------------------


def _operation(route: Route, method: str, name: str, act: Act, *, tag: str) -> dict[str, Any]:
    made: dict[str, Any] = {"operationId": name, "tags": [tag], "responses": _responses(act)}
    if summary := route.summary(method):
        made["summary"] = summary
    if not route.is_open(method):
        made["security"] = SECURITY
    if act.body is not None:
        kinds = ("multipart/form-data",) if act.is_upload else FORMS
        content = {kind: {"schema": act.body} for kind in kinds}
        made["requestBody"] = {"content": content, "required": act.is_body_needed}
    return made


def _responses(act: Act) -> dict[str, Any]:
    """The answer when all is well, and what there is besides. Status 0: one of those that mean well."""
    content = {} if act.answer is None else {"content": {JSON: {"schema": act.answer}}}
    well: dict[str, Any] = {
        str(act.status or "2XX"): {
            "description": "Done." if act.status != 202 else "A task does it.",
            **content,
        }
    }
    if act.status == 202 or act.status == 200:
        if act.unchanged is not None:
            well["200"] = {"description": "It is so already.", "content": {JSON: {"schema": act.unchanged}}}
        well |= {"2XX": {"description": "Done.", "content": {JSON: {"schema": {}}}}}
    if not act.status:
        well |= {"204": {"description": "Done, and nothing to tell."}}
    if act.status in (0, 200):
        well |= {"3XX": {"description": "It is elsewhere."}}
    return well | {"4XX": {"description": "It cannot be done, and why."}}


def _path_parameters(route: Route) -> list[Parameter]:
    return [_in_path(name, kind) for name, kind in route.parameters]


def _in_path(name: str, kind: str) -> Parameter:
    schemas: dict[str, Schema] = {
        "int": {"type": "integer", "minimum": 0},
        "uuid": {"type": "string", "format": "uuid"},
    }
    return {"name": name, "in": "path", "required": True, "schema": schemas.get(kind, {"type": "string"})}
