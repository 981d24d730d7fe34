"""`cartwheel task list`"""

from __future__ import annotations

import json
from typing import Any

import click

from cartwheel.cli.client import TASKS, Client, hub_options
from cartwheel.cli.task import words

STATES = ("waiting", "skipped", "running", "completed", "failed", "canceled", "canceling")


@click.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only these; may be repeated."
)
@click.option("--name", help="Only tasks whose name contains this.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="As the API shows them.")
@hub_options
def command(hub: Client, states: tuple[str, ...], name: str | None, limit: int, as_json: bool) -> None:
    """List tasks, the newest first."""
    filters: dict[str, Any] = {"limit": limit, "ordering": "-pulp_created"}
    if states:
        filters["state__in"] = ",".join(states)
    if name:
        filters["name__contains"] = name
    page = hub.get(TASKS, **filters)
    if as_json:
        click.echo(json.dumps(page["results"], indent=2))
        return
    if not page["results"]:
        click.echo("There are no such tasks." if states or name else "There are no tasks yet.", err=True)
    for task in page["results"]:
        click.echo(_line(task))
    if page["count"] > len(page["results"]):
        click.echo(f"{page['count'] - len(page['results'])} more; see --limit.", err=True)


def _line(task: words.Task) -> str:
    state = click.style(f"{task['state']:<9}", fg=words.COLORS[task["state"]])
    told = words.reason(task) or words.progress(task) or words.waits(task)
    parts = (
        words.identifier(task),
        state,
        f"{words.duration(task):>10}",
        words.title(task) + (f": {told}" if told else ""),
    )
    return "  ".join(parts)
