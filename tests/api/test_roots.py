"""The roots of the APIs, health, and addresses that are not quite right."""

from __future__ import annotations

from datetime import timedelta

import make
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from cartwheel.engine.models import Worker
from cartwheel.registry.models import User

P = "/api/automation-hub/"

pytestmark = pytest.mark.django_db


def test_who_is_not_signed_in_learns_only_where_the_api_is(client: Client, alice: User) -> None:
    anonymous, known = client.get(P), make.api(alice).get(P)

    assert anonymous.json() == {"available_versions": {"v3": "v3/"}}
    assert known.json()["available_versions"] == {"v3": "v3/", "pulp-v3": "pulp/api/v3/"}
    assert known.json()["galaxy_ng_version"].startswith("4.")


def test_both_prefixes_answer_and_name_themselves(client: Client) -> None:
    for prefix in (P, "/api/galaxy/"):
        lists = client.get(f"{prefix}pulp/api/v3/").json()

        assert lists["tasks"] == f"http://testserver{prefix}pulp/api/v3/tasks/"


def test_each_list_that_pulps_root_names_is_there(admin: User) -> None:
    client = make.api(admin)

    for name, address in client.get(f"{P}pulp/api/v3/").json().items():
        answer = client.get(address, {"limit": 1})
        assert answer.status_code == 200, name
        assert list(answer.json()) == ["count", "next", "previous", "results"], name


def test_the_domain_of_all_tasks_is_there(alice: User) -> None:
    make.repository()
    client = make.api(alice)

    (domain,) = client.get(f"{P}pulp/api/v3/domains/", {"name": "default"}).json()["results"]

    assert client.get(domain["pulp_href"]).json() == domain
    assert f"shared:{domain['prn']}" in (make.task().reserved_resources_record or [])
    assert client.get(f"{P}pulp/api/v3/domains/", {"name": "other"}).json()["count"] == 0


def test_a_distribution_has_a_root_of_its_own(alice: User) -> None:
    make.served("published")

    found = make.api(alice).get(f"{P}content/published/")
    missing = make.api(alice).get(f"{P}content/nowhere/")

    assert found.json()["distro_base_path"] == "published"
    assert missing.status_code == 404
    assert missing.json() == {"errors": [{"status": "404", "code": "not_found", "title": "Not found."}]}


@pytest.mark.parametrize("below", ["", "content/published/"])
def test_old_clients_are_sent_to_the_root(client: Client, below: str) -> None:
    answer = client.get(f"{P}{below}api/")

    assert (answer.status_code, answer.headers["Location"]) == (307, f"{P}{below}")


def test_pulps_own_address_leads_to_the_hubs(client: Client) -> None:
    answer = client.get("/pulp/api/v3/status?format=json")

    assert answer.status_code == 308
    assert answer.headers["Location"] == f"{P}pulp/api/v3/status/?format=json"
    assert client.post("/pulp/api/v3/status/").status_code == 405


def test_changes_are_taken_at_pulps_own_address_too(admin: User) -> None:
    made = make.api(admin).post("/pulp/api/v3/groups/", {"name": "makers"}, format="json")
    nowhere = make.api(admin).post("/pulp/api/v3/nowhere/", {}, format="json")

    assert (made.status_code, made.json()["name"]) == (201, "makers")
    assert made.json()["pulp_href"].startswith(f"{P}pulp/api/v3/groups/")
    assert nowhere.status_code == 404


def test_changes_at_pulps_own_address_need_rights_and_prove_where_they_come_from(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    body = {"name": "makers"}

    assert make.api().post("/pulp/api/v3/groups/", body, format="json").status_code == 401
    assert make.api(alice).post("/pulp/api/v3/groups/", body, format="json").status_code == 403
    forged = browser.post("/pulp/api/v3/groups/", body)
    assert (forged.status_code, "CSRF" in forged.json()["detail"]) == (403, True)


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_missing_slash_is_added_whatever_the_method(
    client: Client, settings: Settings, method: str, debug: bool
) -> None:
    settings.DEBUG = debug

    answer = client.generic(method, f"{P}_ui/v1/groups/7?sort=name")

    assert (answer.status_code, answer.headers["Location"]) == (301, f"{P}_ui/v1/groups/7/?sort=name")


@pytest.mark.parametrize("path", ["v3/nothing/", "pulp/api/v3/nothing/", "_ui/v1/", "nothing/"])
def test_an_unknown_address_is_a_page_that_says_so(client: Client, path: str) -> None:
    answer = client.get(P + path)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<title>Not Found</title>" in answer.content.decode()
    assert len(answer.content) < 300


@pytest.mark.parametrize("path", ["/healthz", f"{P}status/healthz"])
def test_health_needs_neither_a_user_nor_the_database(
    client: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get(path)

    assert (answer.status_code, answer.content) == (200, b"OK")


def test_pulps_sign_of_life_is_empty(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get(f"{P}pulp/api/v3/livez/")

    assert (answer.status_code, answer.content) == (200, b"")


def test_status_lists_the_workers_that_live_and_this_process(client: Client) -> None:
    now = timezone.now()
    Worker.objects.create(name="1@here")
    Worker.objects.create(name="2@lost", last_heartbeat=now - timedelta(minutes=5))
    Worker.objects.create(name="3@ended", stopped_at=now)

    status = client.get(f"{P}pulp/api/v3/status/").json()

    assert [each["name"] for each in status["online_workers"]] == ["1@here"]
    assert len(status["online_api_apps"]) == len(status["online_content_apps"]) == 1
    assert status["database_connection"] == {"connected": True}
    assert {each["component"] for each in status["versions"]} >= {"core", "ansible", "galaxy"}
    assert status["storage"]["total"] >= status["storage"]["free"] > 0


def test_settings_tell_whether_content_needs_approval(client: Client, settings: Settings) -> None:
    settings.CONFIG = make.config(require_content_approval=False)

    answer = client.get(f"{P}_ui/v1/settings/")

    assert answer.json()["GALAXY_REQUIRE_CONTENT_APPROVAL"] is False


def test_the_landing_page_is_refused_even_to_superusers(admin: User) -> None:
    assert make.api(admin).get(f"{P}_ui/v1/landing-page/").status_code == 403


@pytest.mark.parametrize(
    "path", ["pulp/api/v3/tasks/", "v3/tasks/", "_ui/v1/me/", "v3/artifacts/collections/"]
)
def test_options_are_refused_as_on_the_real_hub(admin: User, path: str) -> None:
    answer = make.api(admin).options(f"{P}{path}")

    assert answer.status_code == 403
    assert "You do not have permission to perform this action." in answer.content.decode()
