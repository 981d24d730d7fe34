"""Figures for monitoring: counted by supervisors while tasks end, read by whoever asks."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from django.db import connection, transaction
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from cartwheel.engine.functions import knows
from cartwheel.engine.models import ONLINE, Pause, Statistic, Task, Worker
from cartwheel.engine.states import State

BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0, 1800.0, math.inf)  # seconds, upper bounds
HISTOGRAMS = {
    "waited_for_lock": "Seconds that tasks waited for their resources",
    "waited_for_worker": "Seconds that tasks waited for a worker",
    "ran": "Seconds that tasks ran",
}


class Tally:
    """What has been counted and is not written yet."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)

    def __bool__(self) -> bool:
        return bool(self._counts)

    def outcome(self, name: str, outcome: str) -> None:
        self._counts[_function(name), outcome] += 1

    def took(self, name: str, what: str, seconds: float) -> None:
        function = _function(name)
        bound = next(bound for bound in BUCKETS if seconds <= bound)
        self._counts[function, f"{what}<={bound}"] += 1
        self._seconds[function, f"{what}<={bound}"] += seconds

    def write(self) -> None:
        """Add it all to what the database has counted; one commit."""
        rows = [
            (function, kind, count, self._seconds[function, kind])
            for (function, kind), count in sorted(self._counts.items())
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO engine_statistic (function, kind, count, seconds) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (function, kind) DO UPDATE SET count = engine_statistic.count + excluded.count,"
                " seconds = engine_statistic.seconds + excluded.seconds",
                rows,
            )
        self._counts.clear()
        self._seconds.clear()


def _function(name: str) -> str:
    """As it is told: names that nobody has registered can be any number, and are counted as one."""
    return name if knows(name) else "unknown"


def exposition() -> bytes:
    """All metrics in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector())
    return generate_latest(registry)


class _Collector:
    """Reads the figures when they are asked for."""

    def collect(self) -> Iterator[Metric]:
        yield _waiting()
        yield _gauge("cartwheel_tasks_running", "Tasks under way", Task.objects.under_way().count())
        online = Worker.objects.filter(ONLINE).count()
        yield _gauge("cartwheel_workers_online", "Workers that are there", online)
        yield _gauge("cartwheel_pauses", "Reasons why tasks are held back", Pause.objects.count())
        yield from _counted()


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _waiting() -> Metric:
    waiting = Task.objects.filter(state=State.WAITING)
    scheduled = Task.objects.scheduled().count()
    ready = Task.objects.ready().count()
    paused = _paused()
    family = GaugeMetricFamily("cartwheel_tasks_waiting", "Tasks that wait, by what for", labels=["cause"])
    family.add_metric(["lock"], waiting.count() - ready - scheduled)
    family.add_metric(["worker"], ready - paused)
    family.add_metric(["pause"], paused)
    family.add_metric(["time"], scheduled)
    return family


def _paused() -> int:
    """How many tasks lack only a worker, and are held back."""
    pauses = list(Pause.objects.values_list("scope", "target"))
    if (Pause.Scope.HUB, "") in pauses:
        return Task.objects.ready().count()
    names = [target for scope, target in pauses if scope == Pause.Scope.FUNCTION]
    return Task.objects.ready().filter(name__in=names).count()


def _counted() -> Iterable[Metric]:
    ended = CounterMetricFamily("cartwheel_tasks_ended", "Tasks that ended", labels=["function", "outcome"])
    found: dict[str, dict[str, dict[float, tuple[int, float]]]] = {
        name: defaultdict(dict) for name in HISTOGRAMS
    }
    for function, kind, count, seconds in Statistic.objects.values_list(
        "function", "kind", "count", "seconds"
    ):
        what, is_bucket, bound = kind.partition("<=")
        if not is_bucket:
            ended.add_metric([function, kind], count)
        elif what in found:
            found[what][function][float(bound)] = (count, seconds)
    yield ended
    for what, text in HISTOGRAMS.items():
        yield _histogram(what, text, found[what])


def _histogram(what: str, text: str, found: dict[str, dict[float, tuple[int, float]]]) -> Metric:
    family = HistogramMetricFamily(f"cartwheel_task_{what}_seconds", text, labels=["function"])
    for function, counts in sorted(found.items()):
        total, buckets = 0, []
        for bound in BUCKETS:
            total += counts.get(bound, (0, 0.0))[0]
            buckets.append(("+Inf" if math.isinf(bound) else str(bound), total))
        family.add_metric([function], buckets, sum(seconds for _, seconds in counts.values()))
    return family
