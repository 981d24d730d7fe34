"""Hints that wake those who wait, and what holds on to where they come in."""

from __future__ import annotations

import os
import select
import shutil
import signal
from pathlib import Path

import journal
import make
import postgres
import psycopg
import pytest
from django.db import connection
from patience import eventually
from processes import children, sockets
from pytest_django import Settings
from workshop import workshop

from cartwheel.engine.wakeup import Listener, Topic, run_directory, send


def test_a_child_has_none_of_its_supervisors_sockets(tmp_path: Path) -> None:
    with workshop(tmp_path / "w") as shop:
        supervisor = shop.start("supervise", 1)
        shop.do(
            "order", "journal.patient", "r"
        )  # a child that has begun has closed all that it does not need
        eventually(lambda: any(story.begun for story in journal.read(shop.folder).values()), what="the begin")
        (child,) = children(supervisor.pid)

        assert sockets(supervisor.pid) & sockets(child) == set()
        (shop.folder / "go-1").touch()
        shop.end_of_all()


@pytest.mark.skipif(postgres.is_wanted(), reason="PostgreSQL has no sockets in the data directory")
def test_who_listened_hears_again_after_its_socket_was_removed(settings: Settings, tmp_path: Path) -> None:
    settings.CONFIG = make.config(data=tmp_path)
    listener = Listener("worker")
    assert not listener.heal()
    shutil.rmtree(run_directory())

    assert listener.heal()
    send(Topic.READY)

    assert select.select([listener], [], [], 0)[0] == [listener]
    assert listener.drain() == {"ready"}
    assert select.select([listener], [], [], 0)[0] == []
    assert not listener.heal()
    listener.close()


@pytest.mark.skipif(not postgres.is_wanted(), reason="SQLite has no server that could go away")
@pytest.mark.django_db(transaction=True)
def test_who_listened_sleeps_again_after_its_connection_was_ended() -> None:
    listener = Listener("worker")
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:  # as a supervisor does
        listener.let_go()
        os.write(told, b".")
        signal.pause()  # until it is killed
    try:
        os.read(ready, 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [listener._postgres.info.backend_pid])

        eventually(lambda: listener.wait(1) and listener._postgres is None, what="the end of it")

        assert select.select([listener], [], [], 0)[0] == []
        assert listener.heal()
        assert isinstance(listener._postgres, psycopg.Connection)
        assert select.select([listener], [], [], 0)[0] == []
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        listener.close()
