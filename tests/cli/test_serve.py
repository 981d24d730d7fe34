"""`cartwheel serve`: what hinders it is one line and exit code 2; the generated password is shown once."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from hub import CARTWHEEL
from patience import PATIENCE_SECONDS, eventually
from ports import free_port

POSTGRESQL = "postgresql://USER:PASSWORD@HOST/NAME"
SETTINGS = [
    ("DATA", "", "CARTWHEEL_DATA is empty; name a directory."),
    ("BIND", "8000", "CARTWHEEL_BIND is '8000'; use HOST:PORT, such as 127.0.0.1:8000."),
    ("BIND", "127.0.0.1:0", "CARTWHEEL_BIND is '127.0.0.1:0'; use HOST:PORT, such as 127.0.0.1:8000."),
    *(
        (
            "DATABASE_URL",
            value,
            f"CARTWHEEL_DATABASE_URL is not understood; use sqlite:///PATH or {POSTGRESQL}.",
        )
        for value in (
            "mysql://host/name",
            "sqlite://name",
            "postgresql://host:port/name",
            "postgresql://host",
        )
    ),
    *(
        (
            "STORAGE_URL",
            value,
            "CARTWHEEL_STORAGE_URL is not understood; use file:///PATH or s3://BUCKET/PREFIX.",
        )
        for value in ("gopher://bucket", "file://relative", "/path")
    ),
    *(
        (
            "API_PREFIX",
            value,
            f"CARTWHEEL_API_PREFIX is {value!r}; use a path such as /api/automation-hub/.",
        )
        for value in ("", "/", "api/", "/api", "//", "/a b/")
    ),
    ("ALLOWED_HOSTS", " , ", "CARTWHEEL_ALLOWED_HOSTS is empty; name hosts, or use * for all."),
    ("WORKERS", "many", "CARTWHEEL_WORKERS is 'many'; use a whole number."),
    ("WORKERS", "-1", "CARTWHEEL_WORKERS is '-1'; use a whole number."),
    ("WORKERS", "257", "CARTWHEEL_WORKERS is 257; use a number from 0 to 256."),
    ("WEB_THREADS", "0", "CARTWHEEL_WEB_THREADS is 0; use a number from 1 to 256."),
    ("UPLOAD_LIMIT_MB", "1.5", "CARTWHEEL_UPLOAD_LIMIT_MB is '1.5'; use a whole number."),
    ("REQUIRE_CONTENT_APPROVAL", "", "CARTWHEEL_REQUIRE_CONTENT_APPROVAL is ''; use true or false."),
    (
        "ANONYMOUS_ACCESS",
        "yes",
        "CARTWHEEL_ANONYMOUS_ACCESS is 'yes'; use nothing, read or download.",
    ),
    ("DEBUG", "yes", "CARTWHEEL_DEBUG is 'yes'; use true or false."),
]


def environ(data: Path, **settings: str) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("CARTWHEEL_")}
    ours = {"DATA": str(data), "BIND": f"127.0.0.1:{free_port()}", **settings}
    return others | {f"CARTWHEEL_{name}": value for name, value in ours.items()}


def refusal(data: Path, *arguments: str, **settings: str) -> str:
    """What `cartwheel serve` says when it does not start: one line, exit code 2."""
    done = subprocess.run(
        [CARTWHEEL, "serve", *arguments],
        env=environ(data, **settings), capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line.removeprefix("cartwheel: ")


@pytest.mark.parametrize(
    ("name", "value", "says"), SETTINGS, ids=[f"{each[0]}={each[1]}" for each in SETTINGS]
)
def test_a_setting_that_is_not_understood_stops_the_start(
    tmp_path: Path, name: str, value: str, says: str
) -> None:
    assert refusal(tmp_path / "data", **{name: value}) == says
    assert not (tmp_path / "data").exists()


def test_a_data_directory_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    assert refusal(file) == f"The data directory {file} cannot be written: it is a file."
    assert refusal(file / "data") == f"The data directory {file}/data cannot be written: Not a directory."
    assert refusal(Path("/proc/cartwheel")).startswith(
        "The data directory /proc/cartwheel cannot be written: "
    )


def test_storage_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    says = refusal(tmp_path / "data", STORAGE_URL="file:///proc/cartwheel")

    assert says.startswith("The storage directory /proc/cartwheel cannot be written: ")


def test_a_secret_key_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    key = tmp_path / "data" / "secret-key"
    key.mkdir(parents=True)  # as good as forbidden: tests may run as somebody who may do all

    assert refusal(tmp_path / "data") == f"The secret key {key} cannot be read: Is a directory."


def test_a_database_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    url = f"postgresql://nobody:secret@127.0.0.1:{free_port()}/nothing"
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"This is no database, but long enough to be one." * 100)

    assert refusal(tmp_path / "data", DATABASE_URL=url).startswith("The database cannot be used: ")
    assert "secret" not in refusal(tmp_path / "data", DATABASE_URL=url)
    assert (
        refusal(tmp_path / "data", DATABASE_URL=f"sqlite://{broken}")
        == "The database cannot be used: file is not a database."
    )


def test_a_port_that_is_taken_stops_the_start(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"

        says = refusal(tmp_path / "data", "--bind", bind, ADMIN_PASSWORD="a-password")

    assert says == f"Cannot listen on {bind}: Address already in use. Choose another with --bind."


def test_a_generated_password_is_shown_once_and_works(tmp_path: Path) -> None:
    settings = environ(tmp_path / "data")
    url = f"http://{settings['CARTWHEEL_BIND']}/api/automation-hub/_ui/v1/me/"

    with serving(settings) as first:
        shown = first.split("The password of the user admin is ")[1].split()[0]
        answer = requests.get(url, auth=("admin", shown), timeout=PATIENCE_SECONDS)
    with serving(settings) as second:
        again = requests.get(url, auth=("admin", shown), timeout=PATIENCE_SECONDS)

    assert (answer.status_code, again.status_code) == (200, 200)
    assert first.count(shown) == 1
    assert "password" not in second
    assert shown not in second


@contextmanager
def serving(settings: dict[str, str]) -> Iterator[str]:
    """Run `cartwheel serve`; yields what it has printed when it is ready."""
    log = Path(settings["CARTWHEEL_DATA"]).with_name("serve.log")
    with log.open("w") as output:
        process = subprocess.Popen([CARTWHEEL, "serve"], env=settings, stdout=output, stderr=output)
    try:
        eventually(lambda: "Cartwheel is at http://" in log.read_text())
        yield log.read_text()
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
