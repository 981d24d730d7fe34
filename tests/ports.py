"""Ports for the servers that tests start."""

from __future__ import annotations

import socket

# Below those that the kernel gives to clients: one of those could take it first. Browsers refuse 10080.
PORTS = range(10_100, 32_000)

_reserved: list[socket.socket] = []


def free_port() -> int:
    """A port of 127.0.0.1 that is this process's alone for as long as it lives, whoever else runs these tests."""
    return next(port for port in PORTS if _reserve(port) and _is_free(port))


def _reserve(port: int) -> bool:
    """Whether it is ours now. The name that says so is the whole machine's, and gone with the process."""
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0cartwheel-test-port-{port}")
    except OSError:
        name.close()
        return False
    _reserved.append(name)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
