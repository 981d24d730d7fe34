"""Operation ids, by Pulp's convention: the words of the path, and what is done there.

GET  repositories/ansible/ansible/         repositories_ansible_ansible_list
POST repositories/ansible/ansible/*/sync/  repositories_ansible_ansible_sync
GET  groups/*/roles/*/                     groups_roles_read
"""

from __future__ import annotations

import re
from collections.abc import Collection

ON_LISTS = {
    "get": "list",
    "post": "create",
    "delete": "delete_all",
    "put": "update",
    "patch": "partial_update",
}
ON_ONE = ON_LISTS | {"get": "read", "delete": "delete"}


def operation_id(method: str, key: str, keys: Collection[str]) -> str:
    """The id of what a method does on a route; `keys` are all the routes, "*" for what varies in them."""
    words = [_word(each) for each in key.split("/") if each and each != "*"]
    if is_list(key, keys):
        words.append(ON_LISTS[method])
    elif is_one(key) or method not in ("get", "post") or not _is_below(key, keys):
        words.append(ON_ONE[method])
    return "_".join(words)


def is_one(key: str) -> bool:
    """Does the route name one thing of a list?"""
    return key.rstrip("/").endswith("*")


def is_list(key: str, keys: Collection[str]) -> bool:
    """Does the route name a list? Things of it have routes below it."""
    return any(each.startswith(f"{key}*/") for each in keys)


def _is_below(key: str, keys: Collection[str]) -> bool:
    """Is it an act on something that has a route itself?"""
    return f"{key.rstrip('/').rpartition('/')[0]}/" in keys


def _word(part: str) -> str:
    return re.sub(r"\W", "_", part.replace("*", "").strip("_"))
