"""Who may do what, as Pulp tells it."""

from __future__ import annotations

from typing import Any

import make

from cartwheel.api.pulp_v3.access_policies import POLICIES
from cartwheel.api.pulp_v3.roots import LISTS
from cartwheel.registry.models import User
from cartwheel.registry.roles import KNOWN

ROOT = "/api/automation-hub/pulp/api/v3/access_policies/"
PERMISSION = (
    "has_model_or_domain_perms:",
    "has_model_or_domain_or_obj_perms:",
    "has_perms_on_served_repository:",
    "has_perms_on_any_namespace:",
)


def page(admin: User, query: str = "") -> dict[str, Any]:
    answer = make.api(admin).get(f"{ROOT}{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_policy_tells_who_may_do_what_with_a_kind_of_thing(admin: User) -> None:
    make.repository()

    found = page(admin, "?viewset_name=tasks")

    [tasks] = found["results"]
    assert found["count"] == 1
    assert {
        "action": ["list", "retrieve", "my_permissions"],
        "principal": "authenticated",
        "effect": "allow",
    } in tasks["statements"]
    assert (tasks["customized"], tasks["queryset_scoping"]) == (False, {"function": "scope_queryset"})
    assert make.api(admin).get(tasks["pulp_href"]).json() == tasks


def test_whoever_makes_a_repository_is_given_a_role_on_it(admin: User) -> None:
    [found] = page(admin, "?viewset_name__in=repositories/ansible/ansible")["results"]

    roles = {"roles": ["galaxy.ansible_repository_owner"]}
    assert found["creation_hooks"] == [{"function": "add_roles_for_object_creator", "parameters": roles}]
    assert found["permissions_assignment"] == found["creation_hooks"]


def test_policies_come_in_pages_and_with_the_fields_asked_for(admin: User) -> None:
    found = page(admin, "?limit=1&fields=viewset_name")

    assert (found["count"], found["results"]) == (len(POLICIES), [{"viewset_name": list(POLICIES)[-1]}])
    assert make.api(admin).get(f"{ROOT}?colour=red").json() == {"errors": ["Invalid Filter: 'colour'"]}


def test_policies_speak_of_what_is_there() -> None:
    conditions = [each.get("condition", "") for found in POLICIES.values() for each in found]

    named = [condition.partition(":")[2] for condition in conditions if condition.startswith(PERMISSION)]

    assert set(named) <= KNOWN
    assert {name.removesuffix("/versions") for name in POLICIES} <= set(LISTS)
