"""What the routes of Galaxy and of the web UI cannot tell by themselves: filters and bodies."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from cartwheel.api import task_filters
from cartwheel.api.collection_filters import VERSIONS
from cartwheel.api.filters import Table
from cartwheel.api.galaxy_v3 import namespaces
from cartwheel.api.openapi.parameters import TEXT, YES_OR_NO, Parameter, query
from cartwheel.api.openapi.pulp import Act
from cartwheel.api.openapi.schemas import FILE, FLAG, Schema, many, maybe, thing
from cartwheel.api.ui import collections as ui_collections
from cartwheel.api.ui import imports, people

SEARCHED = (
    *("namespace", "name", "version", "version_range", "q", "keywords", "tags", "dependency"),
    *("repository", "repository_name", "repository_label", "repository_version", "distribution"),
    *("distribution_base_path", "order_by"),
)
BROWSED = (
    *("namespace", "name", "version", *ui_collections.PARTS, "version_range", "repository"),
    *("keywords", "tags", "dependency"),
)
FOUND = ("keywords", "type", "search_type", "deprecated", "namespace", "name", "tags", "platform", "order_by")
FLAGS = ("is_highest", "is_deprecated", "is_signed")
PUBLISHED_INDEX = "v3/plugin/ansible/content/*/collections/index/"
TEXT_MAP: Schema = {"type": "object", "additionalProperties": True}
NAMED = thing("name", name=TEXT)
UPLOAD = Act(202, TEXT_MAP, thing("file", file=FILE, sha256=TEXT), is_body_needed=True, is_upload=True)
USER = thing(
    "username",
    username=TEXT,
    first_name=TEXT,
    last_name=TEXT,
    email=TEXT,
    password=TEXT,
    is_superuser=FLAG,
    groups=many(TEXT_MAP),
)
NAMESPACE = thing(
    "name",
    name=TEXT,
    company=maybe(TEXT),
    email=maybe(TEXT),
    avatar_url=maybe(TEXT),
    description=maybe(TEXT),
    links=many(thing("name", "url", name=TEXT, url=TEXT)),
    groups=many(TEXT_MAP),
    users=many(TEXT_MAP),
    resources=maybe(TEXT),
)


@dataclass(frozen=True)
class Listing:
    """What a list can be asked for."""

    filters: Table = field(default_factory=dict)
    also: tuple[Parameter, ...] = ()


SORT = query("sort", TEXT, "What to order by; a minus turns it round.")
ORDERING = query("ordering", TEXT, "What to order by; a minus turns it round.")


@cache
def listings() -> dict[str, Listing]:
    """The lists, by their routes below the prefix."""
    of_namespaces = Listing(namespaces.FILTERS, (query("keywords", TEXT), SORT))
    words = tuple(query(name, TEXT) for name in SEARCHED)
    return {
        "v3/tasks/": Listing(task_filters.TABLE, (ORDERING, query("q", TEXT))),
        "v3/namespaces/": of_namespaces,
        "v3/plugin/ansible/search/collection-versions/": Listing(
            {}, (*words, *(query(name, YES_OR_NO) for name in FLAGS))
        ),
        PUBLISHED_INDEX: Listing(
            {}, (query("namespace", TEXT), query("name", TEXT), query("deprecated", YES_OR_NO))
        ),
        f"{PUBLISHED_INDEX}*/*/versions/": Listing(VERSIONS, (ORDERING,)),
        "_ui/v1/search/": Listing({}, tuple(query(name, TEXT) for name in FOUND)),
        "_ui/v1/collection-versions/": Listing({}, (*(query(name, TEXT) for name in BROWSED), SORT)),
        "_ui/v1/namespaces/": of_namespaces,
        "_ui/v1/my-namespaces/": of_namespaces,
        "_ui/v1/users/": Listing(people.USER_FILTERS, (SORT,)),
        "_ui/v1/groups/": Listing(people.GROUP_FILTERS, (SORT,)),
        "_ui/v1/imports/collections/": Listing(imports.FILTERS, (SORT,)),
    }


ACTS: dict[tuple[str, str], Act] = {
    ("post", "v3/artifacts/collections/"): UPLOAD,
    ("post", "v3/plugin/ansible/content/*/collections/artifacts/"): UPLOAD,
    ("post", "v3/namespaces/"): Act(201, TEXT_MAP, NAMESPACE, is_body_needed=True),
    ("put", "v3/namespaces/*/"): Act(200, TEXT_MAP, NAMESPACE, is_body_needed=True),
    ("post", "_ui/v1/namespaces/"): Act(201, TEXT_MAP, NAMESPACE, is_body_needed=True),
    ("put", "_ui/v1/namespaces/*/"): Act(200, TEXT_MAP, NAMESPACE, is_body_needed=True),
    ("put", "_ui/v1/my-namespaces/*/"): Act(200, TEXT_MAP, NAMESPACE, is_body_needed=True),
    ("post", "_ui/v1/users/"): Act(201, TEXT_MAP, USER, is_body_needed=True),
    ("put", "_ui/v1/users/*/"): Act(200, TEXT_MAP, USER, is_body_needed=True),
    ("post", "_ui/v1/groups/"): Act(201, TEXT_MAP, NAMED, is_body_needed=True),
    ("post", "_ui/v1/groups/*/users/"): Act(
        201, TEXT_MAP, thing("username", username=TEXT), is_body_needed=True
    ),
    ("post", "_ui/v1/auth/login/"): Act(
        204, None, thing("username", "password", username=TEXT, password=TEXT), is_body_needed=True
    ),
}
