"""Titles of tasks are read by everybody who sees the queue: they name nothing that is private."""

from __future__ import annotations

from cartwheel.registry.models import Repository

PRIVATE = "a private repository"


def title_about(title: str, *concerned: Repository | None) -> str:
    """The title, or nothing if it names a private repository: that of the task's function stands then.

    A title is not written again when its repository becomes private: it was no secret when it was written.
    """
    return "" if any(each and each.private for each in concerned) else title


def name_for_all(repository: Repository) -> str:
    return PRIVATE if repository.private else repository.name
