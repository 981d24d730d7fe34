"""What the hub is at, what went wrong, and how fast it is: one page for a look in passing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from cartwheel.engine.events import newest
from cartwheel.engine.models import Pause
from cartwheel.engine.states import State
from cartwheel.web import moments
from cartwheel.web.charts import Chart, stacked
from cartwheel.web.figures import Stretch, causes, ended, summed
from cartwheel.web.listing import read_page
from cartwheel.web.rows import Row
from cartwheel.web.search import Search
from cartwheel.web.views.pages import Page

SHOWN = 6  # tasks of a kind
HOUR = 3600  # seconds
UNDER_WAY = Search(states=frozenset({State.RUNNING, State.CANCELING}))
WAITING = Search(states=frozenset({State.WAITING}), sort="oldest")
FAILED = Search(states=frozenset({State.FAILED}), span="24h")


class Overview(Page):
    def get(self, request: HttpRequest) -> HttpResponse:
        event = newest()
        now = timezone.now()
        hours = ended(now, slots=24, seconds=HOUR, user=self.user)
        context = {
            "running": self.rows(UNDER_WAY),
            "waiting": self.rows(WAITING),
            "failed": self.rows(FAILED),
            "queries": {"running": UNDER_WAY.query, "waiting": WAITING.query, "failed": FAILED.query},
            "causes": causes(self.user),
            "pauses": Pause.objects.count(),
            "day": summed(hours),
            "hours": hours,
            "throughput": throughput(hours),
            "delays": delays(hours),
            "slowest": _lasted(max((each.waited for each in hours if each.waited is not None), default=None)),
            "busy": [(each, _lasted(each.waited), _lasted(each.waited_most)) for each in _busy(hours)],
        }
        return self.render_live("web/overview.html", context, event=event)

    def rows(self, search: Search) -> list[Row]:
        sections = read_page(search, self.user, timezone.now()).sections
        return [row for section in sections for row in section.rows][:SHOWN]


def throughput(hours: list[Stretch]) -> Chart:
    """How many tasks ended in each hour, by outcome."""
    columns = [
        [("completed", each.completed), ("failed", each.failed), ("other", each.others)] for each in hours
    ]
    return stacked(columns, [_said(each, _ended(each)) for each in hours])


def delays(hours: list[Stretch]) -> Chart:
    """How long tasks waited in each hour before they began, on average."""
    words = [_said(each, _lasted(each.waited) or gettext("nothing began")) for each in hours]
    return stacked([[("mean", each.waited or 0.0)] for each in hours], words)


def _busy(hours: list[Stretch]) -> list[Stretch]:
    return [each for each in reversed(hours) if each.total]


def _said(stretch: Stretch, words: str) -> tuple[str, str]:
    """With the hour, which clocks.js tells in the reader's zone."""
    return moments.stamp(stretch.begin), f"{stretch.begin:%H:%M} UTC: {words}"


def _ended(stretch: Stretch) -> str:
    words = ngettext("%d ended", "%d ended", stretch.total) % stretch.total
    return f"{words}, {gettext('%d failed') % stretch.failed}"


def _lasted(seconds: float | None) -> str:
    return "" if seconds is None else moments.lasted(seconds)
