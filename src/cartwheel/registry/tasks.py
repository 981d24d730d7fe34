"""Every module with task functions of the hub; importing this registers them all."""

from cartwheel.registry import repositories

__all__ = ["repositories"]
