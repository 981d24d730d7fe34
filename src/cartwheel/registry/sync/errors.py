"""What can go wrong with a sync: each is one sentence that names the server and what it did."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from cartwheel.kit.errors import CartwheelError


class UpstreamProblem(CartwheelError):
    """The other server cannot be reached, refuses us, or does not keep to what it says."""

    status = 502
    code = "upstream"


class Again(Exception):
    """It did not work and may work later. `seconds` is what the server asks us to wait, if it does."""

    def __init__(self, problem: UpstreamProblem, seconds: float | None = None) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.seconds = seconds


class Stopped(Exception):
    """This thread's work is no longer wanted."""


def plain(url: str) -> str:
    """An address as it may be told to people: without its query, which may let somebody in, and not too long."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", ""))[:500]
    except ValueError:
        return "an address that is none"
