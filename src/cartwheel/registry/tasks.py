"""Every module with task functions of the hub; importing this registers them all."""

from cartwheel.registry import approval, deletion, imports, leftovers, moves, remotes, repositories
from cartwheel.registry.sync import task as sync

__all__ = ["approval", "deletion", "imports", "leftovers", "moves", "remotes", "repositories", "sync"]
