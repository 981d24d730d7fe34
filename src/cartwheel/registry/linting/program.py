"""Running galaxy-importer on a copy of a collection: behind the guard, with nothing of the hub's in reach."""

from __future__ import annotations

import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from cartwheel.kit.processes import die_with_parent
from cartwheel.registry.linting import guard

MEMORY_LIMIT = 2 << 30  # bytes of each process
CPU_LIMIT = 600  # seconds of each process
FILE_LIMIT = 256 << 20  # bytes of each file that it writes
LINE_LIMIT = 8000  # characters
LEVELS = ("WARNING", "ERROR", "CRITICAL")


def is_installed() -> bool:
    """Is there a galaxy-importer beside the hub?"""
    return find_spec("galaxy_importer") is not None


def lint(copy: Path) -> Iterator[tuple[str, str]]:
    """Level and text of each message, as it comes. Files are made in the folder that the copy is in."""
    work = copy.parent
    _prepare(work)
    command = [sys.executable, "-I", guard.__file__, str(work), "galaxy-importer", str(copy)]
    last = ""
    with _started(command, work) as process:
        for line in process.stdout or ():
            last = line.rstrip()[:LINE_LIMIT] or last
            yield from _messages(last, line)
        if process.wait() != 0:
            yield "ERROR", f"galaxy-importer ended with status {process.returncode}: {last}"


def _messages(text: str, line: str) -> Iterator[tuple[str, str]]:
    """What of a line is a message. Of a traceback, that is its last line."""
    level, colon, message = text.partition(": ")
    if colon and level in LEVELS and not message.startswith("Traceback "):
        yield level, message
    elif colon and level.rpartition(".")[2].endswith(("Error", "Refused")):
        yield "ERROR", text
    elif "ansible-lint" in text and not line.startswith(" "):
        yield "INFO", text


def _prepare(work: Path) -> None:
    """The programs that galaxy-importer may start: ansible-lint behind the guard, and no ansible-playbook.

    That one would run plugins and lookups to find out whether a playbook can be read.
    """
    programs = work / "bin"
    (work / "tmp").mkdir()
    programs.mkdir()
    guarded = shlex.join([sys.executable, "-I", guard.__file__, str(work), "ansible-lint"])
    for name, does in {"ansible-lint": f'exec {guarded} "$@"', "ansible-playbook": "exit 0"}.items():
        program = programs / name
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
    (work / "ansible.cfg").touch()


@contextmanager
def _started(command: list[str], work: Path) -> Iterator[subprocess.Popen[str]]:
    parent = os.getpid()

    def limit() -> None:
        die_with_parent(parent)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    process = subprocess.Popen(  # noqa: S603, no shell, and all words but the folder are ours
        command,
        cwd=work,
        env=_environment(work),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=limit,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _environment(work: Path) -> dict[str, str]:
    """No secret of the hub's is in it."""
    temporary = str(work / "tmp")
    return {
        "PATH": f"{work}/bin:{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(work),
        "TMPDIR": temporary,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ANSIBLE_CONFIG": f"{work}/ansible.cfg",
        "ANSIBLE_HOME": temporary,
        "GALAXY_IMPORTER_RUN_ANSIBLE_DOC": "false",  # it imports plugins; the hub reads documentation itself
        "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "true",
        "GALAXY_IMPORTER_RUN_ANSIBLE_TEST": "false",
        "GALAXY_IMPORTER_RUN_FLAKE8": "false",
        "GALAXY_IMPORTER_ANSIBLE_LOCAL_TMP": temporary,
        "GALAXY_IMPORTER_TMP_ROOT_DIR": temporary,
    }
