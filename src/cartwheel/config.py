"""What an administrator can set: environment variables named `CARTWHEEL_*`, read once at start.

`docs/settings.md` is checked against this file by a test.
"""

from __future__ import annotations

import difflib
import importlib.util
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

PREFIX = "CARTWHEEL_"
OF_COMMANDS = frozenset(("SERVER", "USERNAME", "PASSWORD", "TOKEN"))  # what `cartwheel task` reads
STORAGE_OPTIONS = frozenset(("endpoint", "region", "redirect"))  # of an object store


class BadSetting(Exception):
    """A setting that is not understood. The message is one line for a person."""


@dataclass(frozen=True)
class Config:
    """One instance of the hub. Each field is a setting; its metadata says what it does."""

    data: Path = field(
        default=Path("data"),
        metadata={"help": "Directory for the database, uploaded collections and sockets."},
    )
    bind: str = field(
        default="127.0.0.1:8000", metadata={"help": "HOST:PORT that the web server listens on."}
    )
    database_url: str = field(
        default="",
        metadata={
            "help": "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME, with libpq's parameters "
            "if needed: ?sslmode=verify-full&connect_timeout=10. Empty: SQLite in the data directory."
        },
    )
    storage_url: str = field(
        default="",
        metadata={
            "help": "Where collections are stored: file:///PATH, or "
            "s3://BUCKET/PREFIX?endpoint=URL&region=NAME with credentials in AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY. Empty: `artifacts` in the data directory."
        },
    )
    admin_password: str = field(
        default="",
        metadata={
            "help": "Password of the user admin, set when that user is first made. "
            "Empty: one is generated and printed once."
        },
    )
    api_prefix: str = field(
        default="/api/automation-hub/",
        metadata={"help": "Path of the API. /api/galaxy/ answers too. Begins and ends with a slash."},
    )
    allowed_hosts: tuple[str, ...] = field(
        default=("*",), metadata={"help": "Host names that the hub answers to, separated by commas."}
    )
    trusted_proxies: tuple[str, ...] = field(
        default=("127.0.0.1", "::1"),
        metadata={
            "help": "Addresses or networks of reverse proxies, separated by commas: who asks, and whether by https, "
            "is what their X-Forwarded-For and X-Forwarded-Proto say. Of nobody else. Empty: no proxy."
        },
    )
    workers: int = field(
        default=0,
        metadata={"help": "Task processes, 1 to 256. 0: twice the number of cores that it may use, 4 to 16."},
    )
    web_threads: int = field(default=8, metadata={"help": "Threads that answer requests, 1 to 256."})
    upload_limit_mb: int = field(
        default=2048, metadata={"help": "Largest request body in MiB, 1 to 1048576: the largest collection."}
    )
    require_content_approval: bool = field(
        default=True,
        metadata={
            "help": "true: uploads wait in staging until they are moved to published. false: they move at once."
        },
    )
    lint: bool = field(
        default=True,
        metadata={
            "help": "true: what was imported is linted afterwards, where `cartwheel[importer]` is installed. "
            "false: nothing is."
        },
    )
    tasks_visible_to: str = field(
        default="everybody",
        metadata={
            "help": "everybody: whoever is signed in sees the queue. owners: people see the tasks that they asked "
            "for and those on what they may change; operators see all."
        },
    )
    anonymous_access: str = field(
        default="nothing",
        metadata={
            "help": "What people see who are not signed in. nothing. read: namespaces, collections and "
            "repositories, but for private ones and what is only in these. download: these, and they may install them."
        },
    )
    secret_key: str = field(
        default="",
        metadata={
            "help": "Signs sessions and download links. Empty: generated once and kept in the data directory."
        },
    )
    debug: bool = field(
        default=False, metadata={"help": "true shows details of bugs to whoever asks. Never in public."}
    )

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.bind.rpartition(":")[2])

    @property
    def database(self) -> dict[str, Any]:
        """The database in the form of Django's DATABASES."""
        if self.database_url.startswith(("postgresql://", "postgres://")):
            return _postgresql(self.database_url)
        path = self.database_url.removeprefix("sqlite://")
        return _sqlite(Path(path) if path else self.data / "cartwheel.sqlite3")

    @property
    def is_storage_remote(self) -> bool:
        return self.storage_url.startswith("s3://")

    @property
    def artifact_root(self) -> Path:
        """Where files arrive, and where they stay unless the storage is remote."""
        if self.storage_url and not self.is_storage_remote:
            return Path(unquote(urlsplit(self.storage_url).path))
        return self.data / "artifacts"

    @property
    def worker_count(self) -> int:
        # Those this process may use: a container may have two of the machine's sixty-four.
        return self.workers or min(16, max(4, 2 * len(os.sched_getaffinity(0))))


def read(environ: Mapping[str, str]) -> Config:
    """The settings in an environment. Raises BadSetting for a name or a value that is not understood."""
    _check_names(environ)
    given: dict[str, Any] = {}
    for each in fields(Config):
        name = f"{PREFIX}{each.name.upper()}"
        if name in environ:
            given[each.name] = _parse(name, environ[name], each.default)
    config = Config(**given)
    _check(config)
    return config


@cache
def current() -> Config:
    """The settings of this process."""
    return read(os.environ)


def _check_names(environ: Mapping[str, str]) -> None:
    """A misspelt setting would leave the hub as it is by default, which nobody notices for long."""
    known = {each.name.upper() for each in fields(Config)} | OF_COMMANDS
    given = {name.removeprefix(PREFIX): name for name in sorted(environ) if name.startswith(PREFIX)}
    for short, name in given.items():
        if short in known or short.startswith("TEST_") or _is_of_kubernetes(short, environ[name]):
            continue
        nearest = difflib.get_close_matches(short, sorted(known), n=1)
        hint = f"Did you mean {PREFIX}{nearest[0]}?" if nearest else "docs/settings.md lists all settings."
        raise BadSetting(f"{name} is no setting. {hint}")


def _is_of_kubernetes(name: str, value: str) -> bool:
    """Does it tell where a service named cartwheel is? Every container there is given these."""
    if name == "PORT":
        return value.startswith(("tcp://", "udp://"))
    return re.match(r"SERVICE_(HOST|PORT)|PORT_\d+_", name) is not None


def _parse(name: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        if text not in ("true", "false"):
            raise BadSetting(f"{name} is {text!r}; use true or false.")
        return text == "true"
    if isinstance(default, int):
        if not text.isascii() or not text.isdigit():
            raise BadSetting(f"{name} is {text!r}; use a whole number.")
        return int(text)
    if isinstance(default, Path):
        if not text:
            raise BadSetting(f"{name} is empty; name a directory.")
        return Path(text).absolute()
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def _check(config: Config) -> None:
    host, colon, port = config.bind.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise BadSetting(f"CARTWHEEL_BIND is {config.bind!r}; use HOST:PORT, such as 127.0.0.1:8000.")
    if config.database_url and not _is_database_url(config.database_url):
        raise BadSetting(
            "CARTWHEEL_DATABASE_URL is not understood; use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME."
        )
    if config.storage_url:
        _check_storage(config.storage_url)
    if not re.fullmatch(r"(/[\w.~-]+)+/", config.api_prefix, re.ASCII):
        raise BadSetting(
            f"CARTWHEEL_API_PREFIX is {config.api_prefix!r}; use a path such as /api/automation-hub/."
        )
    if not config.allowed_hosts:
        raise BadSetting("CARTWHEEL_ALLOWED_HOSTS is empty; name hosts, or use * for all.")
    for proxy in config.trusted_proxies:
        if not _is_network(proxy):
            raise BadSetting(
                f"CARTWHEEL_TRUSTED_PROXIES names {proxy!r}; use addresses or networks, such as 10.0.0.0/8."
            )
    if config.tasks_visible_to not in ("everybody", "owners"):
        raise BadSetting(
            f"CARTWHEEL_TASKS_VISIBLE_TO is {config.tasks_visible_to!r}; use everybody or owners."
        )
    if config.anonymous_access not in ("nothing", "read", "download"):
        raise BadSetting(
            f"CARTWHEEL_ANONYMOUS_ACCESS is {config.anonymous_access!r}; use nothing, read or download."
        )
    for name, low, high in (("workers", 0, 256), ("web_threads", 1, 256), ("upload_limit_mb", 1, 1_048_576)):
        value = getattr(config, name)
        if not low <= value <= high:
            raise BadSetting(f"CARTWHEEL_{name.upper()} is {value}; use a number from {low} to {high}.")


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _check_storage(url: str) -> None:
    if url.startswith("s3://"):
        if importlib.util.find_spec("obstore") is None:
            raise BadSetting("CARTWHEEL_STORAGE_URL needs more software; run: pip install 'cartwheel[s3]'.")
        parts = urlsplit(url)
        options = parse_qs(parts.query, keep_blank_values=True)
        is_understood = parts.hostname and "@" not in parts.netloc and not set(options) - STORAGE_OPTIONS
        if not is_understood or not all(values[-1] for values in options.values()):
            raise BadSetting(
                "CARTWHEEL_STORAGE_URL is not understood; use s3://BUCKET/PREFIX?endpoint=URL&region=NAME."
            )
    elif not re.fullmatch(r"file:///[^?#]+", url):
        raise BadSetting("CARTWHEEL_STORAGE_URL is not understood; use file:///PATH or s3://BUCKET/PREFIX.")


def _is_database_url(url: str) -> bool:
    if url.startswith("sqlite://"):
        return re.fullmatch(r"sqlite:///[^?#]+", url) is not None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError if it is no number
    except ValueError:
        return False
    return parts.scheme in ("postgresql", "postgres") and parts.path.strip("/") != ""


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Every transaction takes the write lock at its start: one that read first and writes later
            # would otherwise fail at once when another has written in between, whatever the time-out.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            # synchronous=FULL: an answer 202 survives the loss of power.
            # journal_size_limit: what one large transaction took on the disk is given back, but for 16 MB.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            " PRAGMA cache_size=-8000; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=16777216;",
        },
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
    }


# Where a server or the way to it vanishes without a word, that is noticed after so long, not after a quarter
# of an hour. Names and units are libpq's: seconds, and milliseconds for the last.
PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


def _postgresql(url: str) -> dict[str, Any]:
    """Django's words for a database URL; its query holds libpq's parameters, such as sslmode."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **PATIENCE,
            "prepare_threshold": 2,  # for the statements of engine/prepared.py: from then on, the plan is kept
            **dict(parse_qsl(parts.query, keep_blank_values=True)),
        },
    }
