"""Write the pages to look things up in from the code: docs/settings.md and docs/commands.md.

Only what stands between the marks is written; a test fails when it is not what the code says.

python tools/document.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import click

from cartwheel.cli import cli
from cartwheel.config import Config

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- made by tools/document.py -->\n", "<!-- end -->\n"
COLUMNS = 100


def main() -> None:
    for page in PAGES:
        path = DOCS / page
        path.write_text(renewed(page, path.read_text()))


def renewed(page: str, text: str) -> str:
    """A page's text with the part that is made from the code made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{PAGES[page]()}\n{END}{after}"


def settings() -> str:
    rows = [("setting", "default", "what it does"), ("---", "---", "---")]
    for each in fields(Config):
        rows.append((f"`CARTWHEEL_{each.name.upper()}`", _default(each.default), each.metadata["help"]))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _default(value: object) -> str:
    if isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, tuple):
        value = ",".join(value)
    return f"`{value}`" if value != "" else "empty"


def commands() -> str:
    return "\n".join(
        f"## `{name}`\n\n```text\n{text}\n```\n" for name, text in _helps(cli, "cartwheel", None)
    )


def _helps(command: click.Command, name: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    context = click.Context(
        command, info_name=name.split()[-1], parent=parent, terminal_width=COLUMNS, max_content_width=COLUMNS
    )
    context.help_option_names = ["-h", "--help"]
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield name, text
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            if found is not None:
                yield from _helps(found, f"{name} {each}", context)


PAGES: dict[str, Callable[[], str]] = {"settings.md": settings, "commands.md": commands}

if __name__ == "__main__":
    main()
