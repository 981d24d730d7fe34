"""How far a sync is, in the parts that clients of Pulp know."""

from __future__ import annotations

from django.db import transaction

from cartwheel.engine.context import current_task
from cartwheel.engine.models import ProgressReport
from cartwheel.engine.progress import Report
from cartwheel.engine.states import State

PARTS = {  # code -> message, in the order in which they are shown
    "sync.parsing.metadata": "Parsing CollectionVersion Metadata",
    "sync.parsing.namespace": "Parsing Namespace Metadata",
    "sync.downloading.artifacts": "Downloading Artifacts",
    "sync.downloading.docs_blob": "Downloading Docs Blob",
    "associating.content": "Associating Content",
}
METADATA, NAMESPACES, ARTIFACTS, DOCS, CONTENT = PARTS
COUNTED = (METADATA, NAMESPACES)  # it is known from the start how much there is to do: nothing yet


class Reports:
    """All parts are under way from the start, as each goes on while the next has begun."""

    def __init__(self) -> None:
        self.task = current_task()
        self._reports: dict[str, Report] = {}
        with transaction.atomic():
            for code, message in PARTS.items():
                total = 0 if code in COUNTED else None
                row = ProgressReport(
                    task=self.task, message=message, code=code, total=total, state=State.RUNNING
                )
                if self.task is not None:
                    row.save()
                self._reports[code] = Report(row)

    def add(self, code: str, more: int) -> None:
        """There is more to do than was known."""
        report = self._reports[code]
        report.row.total = (report.row.total or 0) + more
        self._write(code, total=report.row.total)

    def step(self, code: str, by: int = 1) -> None:
        if self.task is not None:
            self._reports[code].increase(by)

    def forget(self) -> None:
        """Write nothing later of what was kept back, as reports are not written at every step."""
        for report in self._reports.values():
            report.forget()

    def complete(self) -> None:
        """All is done. What was not written yet is written now."""
        for code in PARTS:
            self._write(code, state=State.COMPLETED)

    def fail(self, at: str) -> None:
        """This part failed, so what would have come after it did not come. What came before is done."""
        codes = list(PARTS)
        if self.task is not None and at == METADATA:  # nothing was asked of namespaces yet
            self._reports[NAMESPACES].row.delete()
            codes.remove(NAMESPACES)
        for code in codes:
            position = codes.index(code) - codes.index(at)
            state = State.FAILED if not position else State.CANCELED if position > 0 else State.COMPLETED
            self._write(code, state=state)

    def _write(self, code: str, **changes: object) -> None:
        if self.task is not None:
            self._reports[code].write(**changes)


def no_change() -> None:
    """The only report of a sync that found nothing new."""
    task = current_task()
    if task is not None:
        ProgressReport.objects.create(
            task=task,
            message="No change: the remote has not changed since the last sync",
            code="sync.no_change",
            state=State.COMPLETED,
            total=1,
            done=1,
        )
