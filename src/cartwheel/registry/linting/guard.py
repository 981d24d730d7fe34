"""A program of its own: runs another Python program that may only read, and may start nothing.

python -I guard.py WORK PROGRAM [ARGUMENT...]

Linters are made for their author's own files. Fed with a stranger's, ansible-lint runs what these say: a
lookup in a template is enough. Python reports such things before it does them; here they are refused.
This holds because no code of the stranger's runs to begin with: what is linted is a copy without any.

PROGRAM is one of PROGRAMS. Below WORK it may write, and of what is there it may run nothing.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

PROGRAMS = {
    "galaxy-importer": ("galaxy_importer.main", "main"),
    "ansible-lint": ("ansiblelint.__main__", "_run_cli_entrypoint"),
}
# As WORK/bin has them.
MAY_START = frozenset(("ansible-lint", "ansible-playbook", "ansible", "ansible-config"))
SYSTEM = ("/usr/", "/lib/", "/lib64/", "/proc/", "/dev/", "/etc/", "/sys/fs/cgroup/")
SECRET = ("/proc/1/", "/etc/shadow", "/etc/ssh/")
LOOPBACK = ("127.0.0.1", "::1", None)  # ansible-core tries out how names are looked up
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PR_SET_PDEATHSIG = 1
REFUSED = (
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.forkpty", "pty.spawn",
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg",
    "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo",
    "ctypes.dlsym/handle", "os.kill", "signal.pthread_kill", "os.killpg",
)  # fmt: skip


class Refused(PermissionError):
    """Something that no linter has to do."""


def main(work: str, program: str, *arguments: str) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    module, function = PROGRAMS[program]
    sys.argv = [program, *arguments]
    sys.addaudithook(watching(os.path.realpath(work)))
    sys.exit(getattr(import_module(module), function)())


def watching(work: str) -> Callable[[str, tuple[Any, ...]], None]:
    """The hook that refuses what a linter need not do."""
    inside = f"{work}/"
    readable = (
        *SYSTEM,
        *(f"{os.path.realpath(each)}/" for each in (sys.prefix, sys.base_prefix, *sys.path) if each),
    )

    def watch(event: str, details: tuple[Any, ...]) -> None:
        if event == "open":
            _check_open(*details, inside=inside, readable=readable)
        elif event == "subprocess.Popen":
            _check_start(*details, inside=inside)
        elif event == "exec":
            _check_code(details[0], inside)
        elif event in REFUSED or (event == "socket.getaddrinfo" and details[0] not in LOOPBACK):
            raise Refused(f"{event} is refused here")

    return watch


def _check_open(path: Any, mode: Any, flags: int, *, inside: str, readable: tuple[str, ...]) -> None:
    if isinstance(path, int):
        return
    real = os.path.realpath(os.fsdecode(path))
    is_inside = f"{real}/".startswith(inside)
    if not is_inside and (flags & WRITES) and real != os.devnull:
        raise Refused(f"{real} may not be written here")
    if not is_inside and (not f"{real}/".startswith(readable) or real.startswith(SECRET)):
        raise Refused(f"{real} may not be read here")


def _check_start(executable: Any, arguments: Any, cwd: Any, env: Any, *, inside: str) -> None:
    words = [os.fsdecode(each) for each in ([arguments] if isinstance(arguments, str | bytes) else arguments)]
    if words[:1] == ["/usr/bin/env"]:
        words = [each for each in words[1:] if "=" not in each]
    path = os.fsdecode((os.environ if env is None else env).get("PATH", ""))
    if not words or words[0] not in MAY_START or not path.startswith(f"{inside}bin:"):
        raise Refused(f"{' '.join(words)[:200]} may not be started here")


def _check_code(code: Any, inside: str) -> None:
    name = os.path.realpath(getattr(code, "co_filename", ""))
    if name.startswith(inside) and Path(name).is_file():
        raise Refused(f"{name} may not be run here")


if __name__ == "__main__":
    main(*sys.argv[1:])
