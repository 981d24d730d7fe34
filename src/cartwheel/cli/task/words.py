"""Tasks in words, for a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

Task = dict[str, Any]

COLORS = {
    "waiting": "yellow",
    "running": "blue",
    "canceling": "magenta",
    "completed": "green",
    "failed": "red",
    "canceled": "bright_black",
    "skipped": "bright_black",
}


def identifier(task: Task) -> str:
    return str(task["pulp_href"]).rstrip("/").rsplit("/", 1)[-1]


def title(task: Task) -> str:
    return str(task.get("title") or task["name"])


def reason(task: Task) -> str:
    """Why a task failed, in one line; empty if it did not."""
    error = task.get("error") or {}
    text = error.get("description") or error.get("reason") or ""
    return " ".join(str(text).split())


def waits(task: Task) -> str:
    """What a waiting task waits for: "waits for a worker"; empty if it does not wait, or the hub does not say."""
    lack = task.get("waiting_for") or {}
    told = {
        "resources": f"waits for {', '.join(lack.get('resources', ()))}",
        "time": f"waits until {lack.get('not_before')}",
        "paused": "waits for the end of a pause",
        "hub": "waits for a task that needs the hub for itself",
        "worker": "waits for a worker",
    }
    return told.get(lack.get("cause", ""), "")


def progress(task: Task) -> str:
    """How far a task is: "Downloading 3 of 7"; empty if it does not say."""
    reports = [each for each in task.get("progress_reports") or () if each["state"] == "running"]
    if not reports:
        return ""
    last = reports[-1]
    total = f" of {last['total']}" if last["total"] else ""
    return f"{last['message']} {last['done']}{total}"


def duration(task: Task) -> str:
    """How long a task has run: "1.2 s", "3 min 20 s"; empty if it has not begun."""
    if not task["started_at"]:
        return ""
    end = _time(task["finished_at"]) if task["finished_at"] else datetime.now(UTC)
    return seconds_in_words(max(0.0, (end - _time(task["started_at"])).total_seconds()))


def seconds_in_words(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
