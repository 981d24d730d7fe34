"""Every module with task functions of the hub; importing this registers them all."""

from cartwheel.registry import (
    approval,
    contents,
    deletion,
    distribution_settings,
    general,
    imports,
    leftovers,
    marks,
    moves,
    namespaces,
    orphans,
    rebuilding,
    reclaiming,
    remotes,
    repair,
    repositories,
    repository_settings,
    repository_versions,
    search_index,
)
from cartwheel.registry.linting import task as linting
from cartwheel.registry.sync import task as sync

__all__ = [
    "approval",
    "contents",
    "deletion",
    "distribution_settings",
    "general",
    "imports",
    "leftovers",
    "linting",
    "marks",
    "moves",
    "namespaces",
    "orphans",
    "rebuilding",
    "reclaiming",
    "remotes",
    "repair",
    "repositories",
    "repository_settings",
    "repository_versions",
    "search_index",
    "sync",
]
