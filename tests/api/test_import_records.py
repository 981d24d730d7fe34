"""Import records: what clients and the UI read of an upload."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import make
import pytest
from pytest_django import DjangoAssertNumQueries

from cartwheel.engine.models import LogLine, Task
from cartwheel.engine.states import State
from cartwheel.registry.models import CollectionImport, User

ROOT = "/api/automation-hub/"
UI = f"{ROOT}_ui/v1/imports/collections/"
V3 = f"{ROOT}v3/plugin/ansible/imports/collections/"


def an_import(name: str = "tools", *, by: User | None = None, **changes: Any) -> Task:
    """An import of acme's, with one line of log."""
    task = make.task("galaxy_ng.app.tasks.publishing.import_to_staging", by=by)
    Task.objects.filter(pk=task.pk).update(**changes)
    namespace = changes.pop("namespace", "acme")
    CollectionImport.objects.create(task=task, namespace=namespace, name=name, version="1.0.0")
    LogLine.objects.create(
        task=task, time=datetime(2026, 1, 1, tzinfo=UTC), level="INFO", message="Importing with Cartwheel"
    )
    return task


def test_an_import_reads_as_its_task_with_its_log(alice: User) -> None:
    task = an_import(by=alice)

    answer = make.api(alice).get(f"{V3}{task.pk}/")

    assert answer.status_code == 200
    assert list(answer.data) == [
        "id",
        "state",
        "created_at",
        "updated_at",
        "started_at",
        "finished_at",
        "error",
        "messages",
    ]
    assert answer.data["id"] == task.pk
    assert answer.data["state"] == "waiting"
    assert answer.data["finished_at"] is None
    assert answer.data["error"] is None
    assert answer.data["messages"] == [
        {"time": 1767225600.0, "level": "INFO", "message": "Importing with Cartwheel"}
    ]


def test_it_reads_the_same_below_a_distribution(alice: User) -> None:
    task = an_import(by=alice)

    below = make.api(alice).get(f"{ROOT}content/staging/v3/plugin/ansible/imports/collections/{task.pk}/")

    assert below.data == make.api(alice).get(f"{V3}{task.pk}/").data


@pytest.mark.parametrize(
    ("since", "count"),
    [("2025-12-31T00:00:00Z", 1), ("2026-01-01T00:00:00Z", 0), ("2100-01-01T00:00:00+00:00", 0), ("", 1)],
)
def test_only_messages_after_a_moment_may_be_asked_for(alice: User, since: str, count: int) -> None:
    task = an_import(by=alice)

    answer = make.api(alice).get(f"{V3}{task.pk}/", {"since": since})

    assert len(answer.data["messages"]) == count


def test_a_moment_that_is_none_is_refused(alice: User) -> None:
    answer = make.api(alice).get(f"{V3}{an_import(by=alice).pk}/", {"since": "yesterday"})

    assert answer.status_code == 400
    assert answer.data["errors"][0]["detail"] == "Enter a valid date/time."
    assert answer.data["errors"][0]["source"] == {"parameter": "since"}


@pytest.mark.parametrize("root", [V3, UI])
def test_what_is_no_import_is_not_found(alice: User, root: str) -> None:
    for identifier in (uuid4(), make.task().pk, "nonsense", 7):
        answer = make.api(alice).get(f"{root}{identifier}/")

        assert answer.status_code == 404
        assert answer.data == {"errors": [{"status": "404", "code": "not_found", "title": "Not found."}]}


@pytest.mark.parametrize("root", [V3, UI])
def test_nobody_reads_without_signing_in(alice: User, root: str) -> None:
    assert make.api().get(f"{root}{an_import().pk}/").status_code == 401


def test_a_failed_import_tells_its_error_as_an_object(alice: User) -> None:
    error = {"description": "It is no tarball.", "traceback": "line 1", "code": "bad_tarball"}
    task = an_import(by=alice, state=State.FAILED, error=error)

    assert make.api(alice).get(f"{V3}{task.pk}/").data["error"] == error


def test_strangers_see_neither_log_nor_traceback(alice: User, bob: User) -> None:
    error = {"description": "It is no tarball.", "traceback": "line 1"}
    task = an_import(by=alice, state=State.FAILED, error=error)

    seen = make.api(bob).get(f"{V3}{task.pk}/").data

    assert seen["error"] == {"description": "It is no tarball.", "traceback": None}
    assert seen["messages"] == []


def test_whoever_may_upload_to_the_namespace_sees_the_log(alice: User, bob: User) -> None:
    make.grant(bob, "galaxy.upload_to_namespace", on=make.namespace("acme"))

    seen = make.api(bob).get(f"{V3}{an_import(by=alice).pk}/").data

    assert len(seen["messages"]) == 1


def names(answer: Any) -> list[str]:
    return [each["name"] for each in answer.data["data"]]


def test_the_list_begins_with_the_oldest(alice: User) -> None:
    an_import("one"), an_import("two")

    answer = make.api(alice).get(UI, {"limit": 1})

    assert answer.data["meta"] == {"count": 2}
    assert names(answer) == ["one"]
    assert list(answer.data["data"][0]) == [
        "id",
        "state",
        "namespace",
        "name",
        "version",
        "created_at",
        "updated_at",
        "started_at",
        "finished_at",
    ]


def test_the_newest_may_come_first(alice: User) -> None:
    an_import("one"), an_import("two")

    assert names(make.api(alice).get(UI, {"sort": "-created"})) == ["two", "one"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"name": "base"}, ["base"]),
        ({"name": "bas"}, []),
        ({"keywords": "AS"}, ["base"]),
        ({"state": "failed"}, ["base"]),
        ({"state": "odd"}, []),
        ({"version": "1.0.0"}, ["tools", "base"]),
        ({"version": "2.0.0"}, []),
        ({"namespace": "acme"}, ["tools", "base"]),
        ({"namespace": "other"}, []),
        ({"created": "2020-01-01"}, []),
        ({"unknown": "x"}, ["tools", "base"]),
    ],
)
def test_the_list_can_be_narrowed(alice: User, filters: dict[str, str], found: list[str]) -> None:
    an_import("tools"), an_import("base", state=State.FAILED)

    assert names(make.api(alice).get(UI, filters)) == found


@pytest.mark.parametrize(
    ("filters", "code", "detail"),
    [
        ({"created": "yesterday"}, "invalid", "Enter a valid date."),
        (
            {"sort": "name"},
            "invalid_choice",
            "Select a valid choice. name is not one of the available choices.",
        ),
    ],
)
def test_what_is_not_understood_is_refused(
    alice: User, filters: dict[str, str], code: str, detail: str
) -> None:
    answer = make.api(alice).get(UI, filters)

    assert answer.status_code == 400
    (error,) = answer.data["errors"]
    assert (error["code"], error["detail"], error["source"]) == (
        code,
        detail,
        {"parameter": next(iter(filters))},
    )


def test_one_import_tells_all_in_the_ui(alice: User) -> None:
    task = an_import(by=alice)

    seen = make.api(alice).get(f"{UI}{task.pk}/").data

    assert (seen["namespace"], seen["name"], seen["version"]) == ("acme", "tools", "1.0.0")
    assert seen["error"] is None
    assert len(seen["messages"]) == 1


def test_a_page_costs_three_statements(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        an_import(f"tools{number}")
    client = make.api(alice)

    with django_assert_num_queries(3):
        client.get(UI, {"limit": 20})
