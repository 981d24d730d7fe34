"""Stopping a task: the question, the right to, and what really happened."""

from __future__ import annotations

import make
import pytest
from django.test import Client

from cartwheel.engine.models import Task
from cartwheel.registry.models import User

pytestmark = pytest.mark.django_db

PART = {"HX-Request": "true"}


def row(state: str) -> Task:
    return Task.objects.create(title="Sync community", name="some.task", state=state)


def state_of(task: Task) -> str:
    return Task.objects.get(pk=task.pk).state


def test_the_question_changes_nothing(client: Client, admin: User) -> None:
    client.force_login(admin)
    task = row("running")

    answer = client.get(f"/tasks/{task.pk}/cancellation/")

    assert "Stop this task?" in answer.content.decode()
    assert state_of(task) == "running"


def test_the_answer_stops_it_and_leads_to_its_page(client: Client, admin: User) -> None:
    client.force_login(admin)
    task = row("running")

    answer = client.post(f"/tasks/{task.pk}/cancellation/")

    assert (answer.status_code, answer["Location"]) == (302, f"/tasks/{task.pk}/")
    assert state_of(task) == "canceled"
    assert Task.objects.get(pk=task.pk).stopped_by == admin


def test_one_may_stop_what_one_asked_for(client: Client, alice: User) -> None:
    client.force_login(alice)
    task = row("running")
    Task.objects.filter(pk=task.pk).update(created_by=alice)

    client.post(f"/tasks/{task.pk}/cancellation/")

    assert state_of(task) == "canceled"


def test_a_stranger_is_refused(client: Client, alice: User, bob: User) -> None:
    client.force_login(bob)
    task = row("running")
    Task.objects.filter(pk=task.pk).update(created_by=alice)

    for answer in (
        client.get(f"/tasks/{task.pk}/cancellation/"),
        client.post(f"/tasks/{task.pk}/cancellation/"),
    ):
        assert answer.status_code == 403
        assert "You do not have permission to perform this action." in answer.content.decode()
    assert state_of(task) == "running"


def test_who_is_not_signed_in_stops_nothing(client: Client) -> None:
    task = row("running")

    answer = client.post(f"/tasks/{task.pk}/cancellation/")

    assert answer["Location"].startswith("/login/")
    assert state_of(task) == "running"


def test_stopping_needs_the_token_of_the_form(admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    task = row("running")

    assert client.post(f"/tasks/{task.pk}/cancellation/").status_code == 403
    assert state_of(task) == "running"


def test_what_has_ended_meanwhile_is_told_as_that(client: Client, admin: User) -> None:
    client.force_login(admin)
    task = row("completed")

    answer = client.post(f"/tasks/{task.pk}/cancellation/", follow=True)

    assert "Nothing was stopped: Sync community had already ended (completed)." in answer.content.decode()
    assert "There is nothing to stop." in client.get(f"/tasks/{task.pk}/cancellation/").content.decode()


def test_scripts_get_the_outcome_in_words(client: Client, admin: User) -> None:
    client.force_login(admin)
    waiting, done = make.task(), row("completed")
    running = (
        make.claimed(title="Sync") if Task.objects.filter(pk=waiting.pk).update(state="canceled") else None
    )
    waiting = make.task()

    def outcome(task_id: object) -> str:
        return client.post(f"/tasks/{task_id}/cancellation/", headers=PART).content.decode()

    assert running
    assert "was asked to stop. If it does not, it is killed." in outcome(running.task_id)
    assert 'data-state="canceled">Canceled</span>' in outcome(waiting.pk)
    assert "had already ended (completed)" in outcome(done.pk)


def test_scripts_get_the_very_question_of_the_page(client: Client, admin: User) -> None:
    client.force_login(admin)
    task = row("waiting")

    part = client.get(f"/tasks/{task.pk}/cancellation/", headers=PART).content.decode()
    page = client.get(f"/tasks/{task.pk}/cancellation/").content.decode()

    def without_token(text: str) -> str:
        return text.partition('<input type="hidden"')[0].strip()

    assert without_token(part) in page
    assert "<html" not in part
