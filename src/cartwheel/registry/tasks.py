"""Every module with task functions of the hub; importing this registers them all."""

from cartwheel.registry import deletion, moves, repositories

__all__ = ["deletion", "moves", "repositories"]
