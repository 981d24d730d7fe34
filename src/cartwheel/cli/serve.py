"""`cartwheel serve`, and its parts `cartwheel web` and `cartwheel worker`."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from cartwheel.cli import UsageProblem

if TYPE_CHECKING:
    import socket

log = logging.getLogger("cartwheel")

ENDINGS = (signal.SIGTERM, signal.SIGINT)
RESTART_SECONDS = 1.0  # a part that fails again and again is started so often

_data = click.option(
    "--data", type=click.Path(path_type=Path), help="The data directory; default CARTWHEEL_DATA."
)
_bind = click.option("--bind", metavar="HOST:PORT", help="Where to listen; default CARTWHEEL_BIND.")


@click.command()
@_bind
@_data
def serve(bind: str | None, data: Path | None) -> None:
    """Run the whole hub: the web server and the workers, until Ctrl-C."""
    _prepare(data, bind)
    listening = _listen()

    def workers() -> None:
        listening.close()  # else the address would be taken for as long as a task outlives a hub that is killed
        _workers()

    with_workers = Family({"web": lambda: _web(listening), "workers": workers})
    _say_where()
    sys.exit(with_workers.run())


@click.command()
@_bind
@_data
def web(bind: str | None, data: Path | None) -> None:
    """Run a web server only; workers run elsewhere, over the same database."""
    _prepare(data, bind)
    listening = _listen()
    _say_where()
    _web(listening)


@click.command()
@_data
def worker(data: Path | None) -> None:
    """Run workers only; web servers run elsewhere, over the same database."""
    _prepare(data, None)
    _workers()


def _prepare(data: Path | None, bind: str | None) -> None:
    from cartwheel.cli.setup import prepare_database, set_up

    set_up(data.absolute() if data else None, bind)
    prepare_database()


def _listen() -> socket.socket:
    from django.conf import settings

    from cartwheel.front.server import listen

    config = settings.CONFIG
    try:
        return listen(config.host, config.port)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise UsageProblem(f"Cannot listen on {config.bind}: {reason}. Choose another with --bind.") from None


def _say_where() -> None:
    from django.conf import settings

    host = settings.CONFIG.host
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104, only compared
    print(
        f"Cartwheel is at http://{f'[{shown}]' if ':' in shown else shown}:{settings.CONFIG.port}/",
        flush=True,
    )


def _web(listening: socket.socket) -> None:
    from cartwheel.front.server import serve as answer

    answer(listening)


def _workers() -> None:
    from django.conf import settings

    from cartwheel.engine.supervisor import Supervisor

    Supervisor(settings.CONFIG.worker_count).run()


class Family:
    """Processes that are started together, started again when they fail, and stopped together."""

    def __init__(self, parts: dict[str, Callable[[], None]]) -> None:
        self._parts = parts
        self._running: dict[int, str] = {}
        self._stopping = False

    def run(self) -> int:
        """Until SIGTERM or SIGINT; returns the exit code."""
        _load()
        for each in ENDINGS:
            signal.signal(each, self._stop)
        for name in self._parts:
            self._start(name)
        while self._running:
            self._wait()
        return 0

    def _start(self, name: str) -> None:
        parent = os.getpid()
        # A signal that comes right now must find the child in the list, and in the child not the parent's handler.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        if self._stopping:  # nobody would tell it
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
            return
        try:
            pid = os.fork()
        except OSError:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
            raise
        if pid:
            self._running[pid] = name
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
            return
        code = 1
        try:
            from cartwheel.kit.processes import die_with_parent

            for each in ENDINGS:
                signal.signal(each, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
            os.setpgid(0, 0)  # Ctrl-C is for the parent, which passes it on once
            die_with_parent(parent, signal.SIGTERM)
            self._parts[name]()
            code = 0
        except KeyboardInterrupt:
            code = 0
        except BaseException:  # a forked process must not return into its parent's code
            log.exception("%s failed", name)
        finally:
            logging.shutdown()
            os._exit(code)

    def _wait(self) -> None:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            self._running.clear()
            return
        name = self._running.pop(pid, None)
        if name is None or self._stopping:
            return
        log.error("%s ended (%s); starting it again", name, os.waitstatus_to_exitcode(status))
        self._start_again(name)

    def _start_again(self, name: str) -> None:
        """Where there is no room for another process just now, the other parts go on until there is."""
        while not self._stopping:
            time.sleep(RESTART_SECONDS)
            try:
                self._start(name)
            except OSError:
                log.exception("%s could not be started; trying again", name)
            else:
                return

    def _stop(self, sign: int, _frame: FrameType | None) -> None:
        self._stopping = True
        for pid in self._running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def _load() -> None:
    """Import what the parts need before they are forked, so that they share its memory."""
    import gc

    gc.disable()  # as in set_up
    from django.urls import get_resolver

    import cartwheel.engine.supervisor
    import cartwheel.front.server
    import cartwheel.wsgi  # noqa: F401, loads the application before forking

    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.enable()
