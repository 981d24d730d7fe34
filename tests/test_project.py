"""What is written about the project is so: settings, commands, error codes, links."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import document
import pytest

import cartwheel
from cartwheel.kit.errors import CartwheelError

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])


def files() -> Iterator[Path]:
    """Every file of the project that is text."""
    here = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in (".ci", "docs", "src", "tests", "tools"):
        here += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return (path for path in here if path.suffix not in (".png", ".webp", ".woff2", ".ico", ".pyc"))


@pytest.mark.parametrize("page", sorted(document.PAGES))
def test_every_setting_command_and_option_is_documented(page: str) -> None:
    text = (DOCS / page).read_text()

    assert text == document.renewed(page, text), "run: .venv/bin/python tools/document.py"


def test_every_error_code_is_documented_with_its_status() -> None:
    documented = set(re.findall(r"^\| `(\w+)` \| (\d{3}) \|", (DOCS / "errors.md").read_text(), re.MULTILINE))

    assert documented == {(each.code, str(each.status)) for each in errors()}


def errors() -> Iterator[type[CartwheelError]]:
    """Every kind of error that has a code of its own."""
    for module in pkgutil.walk_packages(cartwheel.__path__, "cartwheel."):
        if not re.search(r"\.(migrations|__main__|wsgi)\b", module.name):
            importlib.import_module(module.name)
    waiting = CartwheelError.__subclasses__()
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        if "code" in vars(found):
            yield found


def test_what_is_said_to_be_made_can_be_made() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    promised = {
        target
        for page in PAGES
        for target in re.findall(r"^ {4}make ([a-z]+)", page.read_text(), re.MULTILINE)
    }

    assert {"demo", "test"} <= promised <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    broken = [
        link
        for link in links
        if not link.startswith(("http://", "https://", "#"))
        and not (page.parent / link.partition("#")[0]).exists()
    ]

    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page not in seen and page.suffix == ".md" and page.exists():
            seen.add(page)
            links = re.findall(r"\]\(([^)\s#]+)", page.read_text())
            waiting += [page.parent / link for link in links if "://" not in link]

    assert {page.resolve() for page in DOCS.rglob("*.md")} <= seen


@pytest.mark.parametrize(
    "pattern",
    [r"/(work|root|home)/[a-z]", r"\bindex[-_]url\b", r"\bPIP_INDEX", r"files\.pythonhosted"],
)
def test_the_project_speaks_of_no_machine_and_of_no_registry(pattern: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files()
        if path != Path(__file__)
        for line in path.read_text(errors="replace").splitlines()
        if re.search(pattern, line)
    ]

    assert found == []
