"""Labels on distributions."""

from __future__ import annotations

import make
import pytest

from cartwheel.registry.models import Distribution, User

pytestmark = pytest.mark.django_db


def address(served: Distribution, act: str) -> str:
    return f"/api/automation-hub/pulp/api/v3/distributions/ansible/ansible/{served.pk}/{act}/"


@pytest.fixture
def served() -> Distribution:
    make.served("published")
    return Distribution.objects.get(base_path="published")


def test_labels_are_put_on_and_taken_off(served: Distribution, admin: User) -> None:
    client = make.api(admin)

    put = client.post(address(served, "set_label"), {"key": "team", "value": "ops"}, format="json")
    served.refresh_from_db()
    on = served.labels
    taken = client.post(address(served, "unset_label"), {"key": "team"}, format="json")
    served.refresh_from_db()

    assert (put.status_code, put.json(), on) == (201, {"key": "team", "value": "ops"}, {"team": "ops"})
    assert (taken.status_code, taken.json(), served.labels) == (201, {"key": "team", "value": "ops"}, {})


def test_a_label_that_is_not_there_cannot_be_taken_off(served: Distribution, admin: User) -> None:
    answer = make.api(admin).post(address(served, "unset_label"), {"key": "team"}, format="json")

    assert (answer.status_code, answer.json()) == (400, {"key": ["Label with the key team does not exist."]})


@pytest.mark.parametrize("act", ["set_label", "unset_label"])
def test_labels_are_for_who_may_change_what_is_served(served: Distribution, alice: User, act: str) -> None:
    body = {"key": "team", "value": "ops"}

    assert make.api(alice).post(address(served, act), body, format="json").status_code == 403
    assert make.api().post(address(served, act), body, format="json").status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"key": "a/b", "value": ""}, {"key": "a", "value": "x,y"}, [], {"key": 1}]
)
def test_bad_labels_are_refused(served: Distribution, admin: User, body: object) -> None:
    assert make.api(admin).post(address(served, "set_label"), body, format="json").status_code == 400
