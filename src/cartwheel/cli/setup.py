"""What every command needs that works on the hub itself: settings, Django, the data directory."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from cartwheel.cli import UsageProblem


def set_up(data: Path | None = None, bind: str | None = None) -> None:
    """Read the settings and load Django. Raises UsageProblem with a line for a person."""
    if data is not None:
        os.environ["CARTWHEEL_DATA"] = str(data)
    if bind is not None:
        os.environ["CARTWHEEL_BIND"] = bind
    os.environ["DJANGO_SETTINGS_MODULE"] = "cartwheel.settings"
    from cartwheel.config import BadSetting, current

    try:
        config = current()
    except BadSetting as problem:
        raise UsageProblem(str(problem)) from None
    _require_writable("data", config.data)
    _require_writable("storage", config.artifact_root)
    if not config.secret_key:
        _require_readable("secret key", config.data / "secret-key")
    import django

    gc.disable()  # all this stays to the end: whoever looks for garbage, meanwhile and later, need not look here
    django.setup()
    gc.freeze()
    gc.enable()


def _require_writable(what: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except FileExistsError:
        raise UsageProblem(f"The {what} directory {folder} cannot be written: it is a file.") from None
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise UsageProblem(f"The {what} directory {folder} cannot be written: {reason}.") from None


def _require_readable(what: str, file: Path) -> None:
    """It may be missing: it is made then."""
    try:
        file.open().close()
    except FileNotFoundError:
        return
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise UsageProblem(f"The {what} {file} cannot be read: {reason}.") from None


def prepare_database() -> None:
    """Bring the database's schema up to date, and put into it what a hub has from the start.

    Prints the password of the user admin if one was generated. Raises UsageProblem if the database
    cannot be used.
    """
    from django.db import DatabaseError, connection

    from cartwheel.cli.schema import bring_up_to_date
    from cartwheel.config import current
    from cartwheel.registry.bootstrap import bootstrap
    from cartwheel.registry.shared_key import compare_secret_key

    try:
        bring_up_to_date()
        generated = bootstrap(current().admin_password)
        compare_secret_key()
    except DatabaseError as problem:
        reason = " ".join(str(problem).split()).rstrip(".")
        raise UsageProblem(f"The database cannot be used: {reason}.") from None
    finally:
        connection.close()
    if generated:
        print(f"The password of the user admin is {generated}\nIt is not shown again.", flush=True)
