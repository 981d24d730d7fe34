"""Cartwheel, a private Ansible automation hub."""

__version__ = "0.1.0.dev0"
