"""`cartwheel task show`"""

from __future__ import annotations

import json

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
    for label, value in _facts(found):
        if value:
            click.echo(f"{label + ':':<18}{value}")
    if (found.get("error") or {}).get("traceback"):
        click.echo(f"\n{found['error']['traceback']}")


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
