"""Long lists are read in the way that is quicker, and say the same whichever that is."""

from __future__ import annotations

import make
import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from cartwheel.engine.models import Reservation, Task
from cartwheel.registry import plans
from cartwheel.registry.plans import among, how_many, to_count, unindexed

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[0, 100])
def wanted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Q:
    """The tasks that reserve "r": two of three."""
    monkeypatch.setattr(plans, "FEW_NAMED", request.param)
    for name in ("r", "r", "other"):
        make.task(exclusive=[name])
    return among(Reservation, Q(resource="r"), "task")


def test_what_other_rows_name_is_found_and_counted(wanted: Q) -> None:
    tasks, waiting, failed = Task.objects.all(), Q(state="waiting"), Q(state="failed")

    for condition, number in (
        (wanted, 2),
        (~wanted, 1),
        (wanted & waiting, 2),
        (waiting & ~wanted, 1),
        (wanted & failed, 0),
        (wanted | waiting, 3),
    ):
        found = [tasks.filter(each).count() for each in (condition, unindexed(condition))]
        assert [*found, to_count(tasks, condition).count()] == [number] * 3, condition
        assert how_many(tasks, condition) == number, condition


def test_to_count_what_other_rows_name_only_these_are_read(wanted: Q) -> None:
    tasks = Task.objects.all()

    assert "engine_task" not in str(to_count(tasks, Q() & wanted).query)
    assert "engine_task" in str(to_count(tasks, ~wanted).query)
    assert "engine_task" in str(to_count(tasks.filter(state="waiting"), wanted).query)


def test_few_of_many_are_counted_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """To find all that is named, of which these are, would cost as much for one as for all."""
    monkeypatch.setattr(plans, "FEW_NAMED", 1)
    named = [make.task("pulpcore.app.tasks.test.dummy_task", exclusive=["r"]) for _ in range(3)]
    wanted = among(Reservation, Q(resource="r"), "task")
    of_one, of_all = wanted & Q(pk=named[0].pk), wanted & Q()

    with CaptureQueriesContext(connection) as asked:
        assert [how_many(Task.objects.all(), each) for each in (of_one, of_all)] == [1, 3]

    assert ["EXISTS" in each["sql"] for each in asked] == [True, True, False]
