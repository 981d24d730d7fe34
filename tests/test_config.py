"""The settings: what is not understood stops the start, with a line for a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from django.db.utils import ConnectionHandler
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pytest_django import DjangoDbBlocker

from cartwheel.cli.client import hub_options
from cartwheel.config import BadSetting, Config, read


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("CARTWHEEL_DATABASE", "CARTWHEEL_DATABASE is no setting. Did you mean CARTWHEEL_DATABASE_URL?"),
        (
            "CARTWHEEL_TASK_VISIBLE_TO",
            "CARTWHEEL_TASK_VISIBLE_TO is no setting. Did you mean CARTWHEEL_TASKS_VISIBLE_TO?",
        ),
        ("CARTWHEEL_XYZZY", "CARTWHEEL_XYZZY is no setting. docs/settings.md lists all settings."),
    ],
)
def test_a_setting_that_is_not_known_stops_the_start(name: str, message: str) -> None:
    with pytest.raises(BadSetting) as problem:
        read({name: "secret"})

    assert str(problem.value) == message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", "/bin"),
        ("CARTWHEEL_TOKEN", "0123"),
        ("CARTWHEEL_SERVICE_HOST", "10.0.0.7"),
        ("CARTWHEEL_SERVICE_PORT_HTTP", "80"),
        ("CARTWHEEL_PORT", "tcp://10.0.0.7:80"),
        ("CARTWHEEL_PORT_80_TCP_ADDR", "10.0.0.7"),
    ],
)
def test_what_commands_and_kubernetes_set_is_let_be(name: str, value: str) -> None:
    assert read({name: value}) == Config()


def test_a_port_alone_is_a_mistake() -> None:
    with pytest.raises(BadSetting, match=r"^CARTWHEEL_PORT is no setting\."):
        read({"CARTWHEEL_PORT": "8000"})


def test_all_that_commands_read_is_known() -> None:
    @click.command
    @hub_options
    def command(**given: Any) -> None: ...

    read_there = {
        name
        for option in command.params
        for name in ([option.envvar] if isinstance(option.envvar, str) else option.envvar or [])
    }

    assert len(read_there) >= 5
    assert read(dict.fromkeys(read_there, "anything")) == Config(admin_password="anything")


def test_parameters_in_the_address_of_postgresql_reach_the_driver() -> None:
    address = "postgresql://hub:a%40b@db.example:5433/cartwheel?sslmode=verify-full&connect_timeout=3"

    database = read({"CARTWHEEL_DATABASE_URL": address}).database

    assert (database["NAME"], database["PASSWORD"]) == ("cartwheel", "a@b")
    assert database["OPTIONS"]["sslmode"] == "verify-full"
    assert database["OPTIONS"]["connect_timeout"] == "3"


def test_postgresql_is_not_waited_for_for_ever() -> None:
    options = read({"CARTWHEEL_DATABASE_URL": "postgresql://hub@127.0.0.1/cartwheel"}).database["OPTIONS"]
    del options["prepare_threshold"]  # not libpq's, but psycopg's

    assert conninfo_to_dict(make_conninfo(**options)) == options
    assert options["connect_timeout"] == "10"


@pytest.mark.parametrize("value", ["proxy.example.org", "10.0.0.1/8", "10.0.0.0/8 10.1.0.1", "*"])
def test_a_proxy_that_is_no_address_stops_the_start(value: str) -> None:
    with pytest.raises(BadSetting, match=r"^CARTWHEEL_TRUSTED_PROXIES names '"):
        read({"CARTWHEEL_TRUSTED_PROXIES": value})


def test_proxies_are_addresses_and_networks_or_none() -> None:
    assert read({"CARTWHEEL_TRUSTED_PROXIES": "10.0.0.0/8, fd00::1"}).trusted_proxies == (
        "10.0.0.0/8",
        "fd00::1",
    )
    assert read({"CARTWHEEL_TRUSTED_PROXIES": ""}).trusted_proxies == ()


def test_what_a_large_transaction_takes_on_the_disk_is_given_back(
    tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    handler = ConnectionHandler({"default": read({"CARTWHEEL_DATA": str(tmp_path)}).database})
    with django_db_blocker.unblock(), handler["default"].cursor() as cursor:
        cursor.execute("CREATE TABLE large (bytes BLOB)")
        cursor.execute("INSERT INTO large VALUES (zeroblob(40 * 1024 * 1024))")
        (beside,) = tmp_path.glob("*-wal")
        assert beside.stat().st_size > 40 * 1024 * 1024

        cursor.execute("INSERT INTO large VALUES (1)")

        assert beside.stat().st_size <= 16 * 1024 * 1024
        handler.close_all()


@pytest.mark.parametrize(("cores", "workers"), [(1, 4), (4, 8), (64, 16)])
def test_there_are_as_many_workers_as_the_cores_that_may_be_used_can_feed(
    monkeypatch: pytest.MonkeyPatch, cores: int, workers: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)))

    assert read({}).worker_count == workers
    assert read({"CARTWHEEL_WORKERS": "100"}).worker_count == 100
