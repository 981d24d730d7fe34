"""Every module with task functions of the hub; importing this registers them all."""

from cartwheel.registry import approval, deletion, imports, leftovers, moves, repositories

__all__ = ["approval", "deletion", "imports", "leftovers", "moves", "repositories"]
