"""`cartwheel task show`"""

from __future__ import annotations

import json
from typing import Any

import click

from cartwheel.cli.client import TASKS, Client, hub_options, task_id
from cartwheel.cli.task import words


@click.command("show")
@click.argument("task")
@click.option("--json", "as_json", is_flag=True, help="As the API shows it.")
@hub_options
def command(hub: Client, task: str, as_json: bool) -> None:
    """Show all there is to know of a task: give its id or its address."""
    found = hub.get(f"{TASKS}{task_id(task)}/")
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for label, value in [*_facts(found), *_obstacles(hub, found)]:
        if value:
            click.echo(f"{label + ':':<18}{value}")
    if (found.get("error") or {}).get("traceback"):
        click.echo(f"\n{found['error']['traceback']}")


def _obstacles(hub: Client, task: words.Task) -> list[tuple[str, str]]:
    """Why it waits: for each resource who has it, and how many come before; or what else it lacks."""
    if task["state"] != "waiting":
        return []
    wait = hub.get(f"{TASKS}{words.identifier(task)}/blockers/")
    if wait["cause"] == "resources":
        return [("Waits for", _blocker(each)) for each in wait["resources"]]
    told = {
        "time": f"its time, {wait.get('not_before')}",
        "paused": f"the end of a pause{_because(wait.get('pause'))}",
        "hub": f"a task that needs the hub for itself: {_named(wait.get('gate'))}",
        "worker": f"a worker; {words.count(wait.get('ahead', 0), 'task')} before it, {wait.get('workers')} online",
    }
    return (
        [("Waits for", told[wait["cause"]])] if wait["cause"] in told else []
    )  # it may have begun meanwhile


def _blocker(blocker: dict[str, Any]) -> str:
    alone = " alone" if blocker["exclusive"] else ""
    holders = ", ".join(map(_named, blocker["holders"]))
    told = f"{blocker['resource']}{alone}; {words.count(blocker['ahead'], 'task')} before it"
    return f"{told}; held by {holders}" if holders else told


def _named(task: words.Task | None) -> str:
    return f"{words.title(task)} ({words.identifier(task)})" if task else "another task"


def _because(pause: dict[str, Any] | None) -> str:
    return f": {pause['reason']}" if pause and pause["reason"] else ""


def _facts(task: words.Task) -> list[tuple[str, str]]:
    facts = [
        ("Task", words.identifier(task)),
        ("Title", task.get("title", "")),
        ("Name", task["name"]),
        ("State", click.style(task["state"], fg=words.COLORS[task["state"]])),
        ("Error", words.reason(task)),
        ("Asked for by", task.get("requested_by") or ""),
        ("Created", task["pulp_created"]),
        ("Unblocked", task["unblocked_at"] or ""),
        ("Started", task["started_at"] or ""),
        ("Finished", task["finished_at"] or ""),
        ("Took", words.duration(task)),
        ("Correlation id", task["logging_cid"]),
        ("Result", "" if task["result"] is None else json.dumps(task["result"])),
        ("Parent", task["parent_task"] or ""),
    ]
    facts += [("Child", child) for child in task["child_tasks"]]
    facts += [("Resource", name) for name in task["reserved_resources_record"] or ()]
    facts += [("Made", href) for href in task["created_resources"]]
    for report in task["progress_reports"]:
        total = "" if report["total"] is None else f" of {report['total']}"
        facts.append(("Progress", f"{report['message']}: {report['done']}{total} ({report['state']})"))
    return facts
