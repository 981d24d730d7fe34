"""What axe finds on a page that a browser shows, light and wide, then dark and narrow; and whether it is wider than the screen."""

from __future__ import annotations

from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDE, NARROW = 1280, 320  # px


def faults(tab: Page, path: str, *, status: int = 200) -> list[tuple[str, ...]]:
    """Go there and look. Dark and narrow, only what depends on that is looked for by axe."""
    turn(tab, "light", WIDE)
    answer = tab.goto(path)
    assert answer is not None
    assert answer.status == status
    found = _seen(tab, WIDE)
    turn(tab, "dark", NARROW)
    return found + _seen(tab, NARROW, only=("color-contrast", "scrollable-region-focusable"))


def turn(tab: Page, scheme: Literal["light", "dark"], width: int) -> None:
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 800})


def _seen(tab: Page, width: int, *, only: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    options = {"resultTypes": ["violations"], **({"runOnly": list(only)} if only else {})}
    violations = Axe().run(tab, options=options).response["violations"]
    found: list[tuple[str, ...]]
    found = [(each["id"], node["html"][:200]) for each in violations for node in each["nodes"]]
    if tab.evaluate("document.documentElement.scrollWidth") > width:
        found.append(("wider than the screen", f"{width} px"))
    return found
