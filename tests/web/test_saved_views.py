"""Views of the list of tasks that people keep under a name."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cartwheel.registry.models import User
from cartwheel.web.models import SavedView
from cartwheel.web.saved import LIMIT

pytestmark = pytest.mark.django_db

FAILED = "?" + urlencode({"state": "failed", "q": "tools & more", "person": "bob", "sort": "oldest"})


@pytest.fixture(autouse=True)
def _alice(client: Client, alice: User) -> None:
    client.force_login(alice)


def save(client: Client, name: str, query: str) -> int:
    return client.post("/tasks/views/", {"name": name, "query": query}).status_code


def shown(client: Client, query: str = "") -> list[str]:
    """The names of the views above the list; that in which one is has a star."""
    page = client.get(f"/{query}").content.decode()
    part = re.search(r'<nav class="chips saved".*?</nav>', page, re.S)
    links = re.findall(r"<a [^>]*>[^<]*</a>", part[0] if part else "")
    return [re.sub("<.*?>", "", each) + "*" * ("aria-current" in each) for each in links]


def test_a_view_is_saved_under_a_name_found_again_and_deleted(client: Client) -> None:
    assert "Save this view" not in client.get("/").content.decode()
    assert "Save this view" in client.get(f"/{FAILED}").content.decode()

    answer = client.post("/tasks/views/", {"name": " Bob's  trouble ", "query": FAILED}, follow=True)

    assert answer.redirect_chain == [(f"/{FAILED}", 302)]
    assert "The view Bob&#x27;s trouble is saved." in answer.content.decode()
    assert shown(client, FAILED) == ["Bob&#x27;s trouble*"]
    assert shown(client) == ["Bob&#x27;s trouble"]

    view = SavedView.objects.get()
    answer = client.post(f"/tasks/views/{view.pk}/deletion/", follow=True)

    assert answer.redirect_chain == [(f"/{FAILED}", 302)]
    assert "The view Bob&#x27;s trouble is deleted." in answer.content.decode()
    assert shown(client, FAILED) == []


def test_the_place_in_the_list_is_no_part_of_a_view(client: Client) -> None:
    save(client, "old", f"{FAILED}&page=3")

    assert SavedView.objects.get().query == FAILED
    assert shown(client, f"{FAILED}&page=2") == ["old*"]


def test_a_name_that_was_given_before_means_the_new_view(client: Client) -> None:
    save(client, "mine", "?state=failed")
    save(client, "mine", "?state=waiting")

    assert SavedView.objects.get().query == "?state=waiting"


def test_views_are_their_owners(client: Client, bob: User) -> None:
    theirs = SavedView.objects.create(user=bob, name="theirs", query="?state=failed")

    assert shown(client, "?state=failed") == []
    assert client.post(f"/tasks/views/{theirs.pk}/deletion/").status_code == 404
    assert SavedView.objects.filter(pk=theirs.pk).exists()


def test_nothing_but_a_search_is_kept(client: Client) -> None:
    save(client, "odd", "//evil.example/?state=failed&x=javascript:alert(1)")

    assert SavedView.objects.get().query == "?"


@pytest.mark.parametrize(
    ("name", "said"), [("  \0 ", "Give the view a name."), ("one more", "You have 20 views already.")]
)
def test_what_cannot_be_kept_is_said(client: Client, alice: User, name: str, said: str) -> None:
    SavedView.objects.bulk_create(
        SavedView(user=alice, name=f"view {number}", query="?q=x") for number in range(LIMIT)
    )

    answer = client.post("/tasks/views/", {"name": name, "query": FAILED})

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert save(client, "view 3", FAILED) == 302


def test_many_views_cost_one_statement(client: Client, alice: User) -> None:
    def statements() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/{FAILED}")
        return len(captured)

    none = statements()
    SavedView.objects.bulk_create(
        SavedView(user=alice, name=f"view {number}", query="?q=x") for number in range(LIMIT)
    )

    assert statements() == none
