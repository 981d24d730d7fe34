"""The process that gives tasks to its children, watches them, and writes how the tasks ended.

One thread, one database connection, one loop: it sleeps until a hint, a child or a signal wakes it.
It never runs a task and never touches the artifact store, so it can fork at any time.

The commit is the price, not the row. When tasks are tiny, several are claimed at once for each child and
sent ahead, and their ends are written together with the next claims, at most HOLD_SECONDS later.
"""

from __future__ import annotations

import logging
import selectors
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from cartwheel.engine import caretaking, claims, endings, events, rules, schedules, stopping, told
from cartwheel.engine.alarm import Alarm
from cartwheel.engine.begun import forget_settled
from cartwheel.engine.child import STOP_SIGNAL, TIMEOUT_SIGNAL
from cartwheel.engine.claims import Claimed
from cartwheel.engine.crew import Crew, Death
from cartwheel.engine.endings import Outcome, error_of
from cartwheel.engine.functions import options_of
from cartwheel.engine.hand import Hand
from cartwheel.engine.leases import Leases
from cartwheel.engine.metrics import Tally
from cartwheel.engine.models import ProgressReport, Task
from cartwheel.engine.outage import Outage
from cartwheel.engine.packing import unpack
from cartwheel.engine.rules import HOLD_SECONDS
from cartwheel.engine.tasklog import TaskLog
from cartwheel.engine.unwritten import Unwritten
from cartwheel.engine.wakeup import Listener, Topic
from cartwheel.kit.ids import uuid7

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 3.0
LOOK_SECONDS = 1.0  # heals lost hints
TIDY_SECONDS = 300.0  # workers that are gone are forgotten so often
FORGET_SECONDS = 10.0  # and old events
TALLY_SECONDS = 2.0  # figures are written together so often
KILL_AFTER_SECONDS = 5.0  # between asking a task to stop and killing it


@dataclass
class Supervisor:
    """Runs tasks with `count` children until it gets SIGTERM or SIGINT, then drains.

    While draining it takes no new tasks; those under way may go on for `grace_seconds`. A second
    signal ends the grace.
    """

    count: int
    grace_seconds: float = 10
    _id: UUID = field(default_factory=uuid7)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _unwritten: Unwritten = field(default_factory=Unwritten)
    _log: TaskLog = field(default_factory=TaskLog)
    _tally: Tally = field(default_factory=Tally)
    _due: dict[str, float] = field(default_factory=dict)
    _usual_seconds: float = 1.0  # how long tasks take, lately
    _alarm: Alarm | None = None
    _drained_by: float = float("inf")
    _look: bool = True
    _may_be_more: bool = False  # were there as many tasks as could be claimed, the last time?
    _look_for_stops: bool = True
    _leases: Leases = field(default_factory=Leases)
    _outage: Outage = field(default_factory=Outage)
    _is_unsure: bool = False  # may the database know of tasks that are ours and that are not known here?

    def run(self) -> None:
        """Work until told to stop."""
        self._crew = Crew(self._id, self._selector)
        self._listener = Listener("worker")
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._alarm = Alarm(self._selector)
        self._staff()
        with suppress(DatabaseError):
            self._leases.settle_dead_neighbours(self._crew, self._unwritten)
        try:
            while not self._is_done():
                self._turn()
        finally:
            self._close()

    # -- the loop ---------------------------------------------------------------------------------

    def _turn(self) -> None:
        for key, mask in self._selector.select(self._patience()):
            self._handle(key, mask)
        try:
            self._mind_limits()  # first, as long as what children have told is all that they have done
            self._reconcile()
            self._write_log()
            self._clean_up()
            self._write_and_claim()
            self._stop_tasks()
            self._housekeeping()
        except (OperationalError, InterfaceError):
            # Nothing is lost: what is to be written stays in the lists, what is to be done in the database.
            self._outage.goes_on()
            self._begin_anew()
        except DatabaseError:
            log.exception("something cannot be stored; trying one by one")
            self._begin_anew()
            self._log.write_one_by_one()
            self._unwritten.write_one_by_one()
        self._staff()

    def _begin_anew(self) -> None:
        connection.close()
        self._look = self._look_for_stops = self._is_unsure = True
        self._leases.begin_anew()
        self._due.pop("tidy", None)  # what was to follow a commit has perhaps not been done
        time.sleep(0.2)

    def _handle(self, key: selectors.SelectorKey, mask: int) -> None:
        if key.fileobj is self._listener:
            topics = self._listener.drain()
            self._look |= Topic.READY in topics
            self._look_for_stops |= Topic.CANCEL in topics
        elif self._alarm and key.fileobj is self._alarm:
            self._alarm.silence()
            self._begin_to_drain()
        elif (hand := self._crew.by_pid(key.data)) is not None:
            if key.fileobj is not hand.line:
                self._bury(hand)
                return
            if mask & selectors.EVENT_WRITE:
                hand.line.go_on_sending()
            if mask & selectors.EVENT_READ:
                self._read(hand)

    def _patience(self) -> float:
        """How long to sleep if nothing happens."""
        if self._unwritten.to_give_back:
            return 0
        now = time.monotonic()
        deadlines = [self._due.get("second", now), self._log.due]
        if any(hand.is_idle for hand in self._crew) and not self._is_draining:
            deadlines.append(self._due.get("look", now))
        deadlines += [hand.next_deadline(KILL_AFTER_SECONDS) for hand in self._crew]
        deadlines += [self._unwritten.ends_are_due_at, self._drained_by]
        return max(0.0, min(deadlines) - now)

    def _is_due(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0):
            return False
        self._due[what] = now + seconds
        return True

    # -- children ---------------------------------------------------------------------------------

    def _staff(self) -> None:
        """Have as many children as there shall be."""
        if self._is_draining:
            return
        while sum(not hand.is_retiring for hand in self._crew) < self.count:
            try:
                self._crew.hire(self._let_go_in_child)
            except DatabaseError:
                self._outage.goes_on()
            except OSError:
                log.exception("a worker could not be started; trying again")
            else:
                self._look = True
                continue
            time.sleep(0.2)
            return

    def _let_go_in_child(self) -> None:
        self._listener.let_go()
        if self._alarm:
            self._alarm.let_go()

    def _bury(self, hand: Hand) -> None:
        """A child has ended: settle what it had. What it had not begun, it cannot have harmed."""
        hand.await_death()
        while self._read(hand, go_on=False):
            pass
        self._hand_back(hand)
        death = self._crew.bury(hand)
        self._unwritten.gone.append(hand.worker_id)
        for task in hand.tasks:
            self._lost(task, hand, death)

    def _lost(self, task: Claimed, hand: Hand, death: Death) -> None:
        log.error("task lost its worker id=%s worker=%s: %s", task.task_id, hand.pid, death.reason)
        error = error_of(death.reason, **death.facts, **self._last_progress(task))
        if task.work == "run" and options_of(task.name).clean_up is not None:
            self._unwritten.to_undo.append((task, error))
        else:
            outcome = endings.lost(task, task.error or error)
            self._tally.outcome(task.name, "failed" if outcome.retry_seconds is None else "retried")
            self._unwritten.end(outcome)

    def _last_progress(self, task: Claimed) -> dict[str, str]:
        with suppress(DatabaseError):
            report = ProgressReport.objects.filter(task=task.task_id).order_by("id").last()
            if report is not None:
                return {"last_progress": str(report)}
        return {}

    def _clean_up(self) -> None:
        """Let children that have nothing to do undo what lost ones had half done, where functions know how."""
        for hand in self._crew:
            if self._unwritten.to_undo and hand.is_idle:
                self._unwritten.let_undo(hand)

    def _read(self, hand: Hand, *, go_on: bool = True) -> bool:
        """Take what a child has sent; False if there is nothing, or will not be."""
        try:
            for each in hand.line.receive():
                self._take(hand, unpack(each), go_on=go_on)
        except BlockingIOError:
            return False
        except EOFError:
            hand.line.hang_up()
            return False
        except (OSError, ValueError, TypeError, KeyError, OverflowError):
            # Broken, or nonsense: something else has written into it.
            hand.line.hang_up()
            hand.kill("What it sent could not be understood.")
            return False
        return True

    def _take(self, hand: Hand, message: dict[str, Any], *, go_on: bool) -> None:
        if not hand.tasks:
            return  # a line logged between two tasks
        if "log" in message:
            self._log.keep(hand.tasks[0].task_id, hand.allowance, *message["log"])
            return
        self._ended(hand, hand.tasks[0], message)
        if go_on:
            self._go_on(hand)

    def _ended(self, hand: Hand, task: Claimed, message: dict[str, Any]) -> None:
        """A child tells how its task ended."""
        what = told.read(task, message)
        self._unwritten.end(what.outcome)
        self._count(task, what.outcome, what.seconds)
        hand.ended(what.peak_kb)
        if hand.is_retiring:
            self._hand_back(hand)
        self._look |= not hand.tasks

    def _count(self, task: Claimed, outcome: Outcome, ran: float) -> None:
        self._usual_seconds = rules.usual(self._usual_seconds, ran)
        if outcome.ends_with is None:
            is_retried = outcome.retry_seconds is not None
            self._tally.outcome(task.name, "retried" if is_retried else str(outcome.state))
        self._tally.took(task.name, "ran", ran)
        self._tally.took(task.name, "waited_for_lock", task.waited_for_lock)
        self._tally.took(task.name, "waited_for_worker", task.waited_for_worker)

    # -- tasks ------------------------------------------------------------------------------------

    def _go_on(self, hand: Hand) -> None:
        """Let a child that has become old go once it has done what it had begun."""
        if hand.is_retiring and not hand.tasks:
            hand.dismiss()

    def _write_log(self) -> None:
        """Store what tasks have logged: now and then, and always before they end."""
        if self._unwritten.ends or time.monotonic() >= self._log.due:
            self._log.write()

    def _write_and_claim(self) -> None:
        """Write the ends and claim new tasks, in one transaction where both are due."""
        rooms = self._rooms() if self._shall_look() else {}
        is_all_done = not any(hand.tasks for hand in self._crew)
        are_due = is_all_done or bool(rooms) or time.monotonic() >= self._unwritten.ends_are_due_at
        self._unwritten.write_what_goes_back()
        if self._unwritten.ends and are_due:
            claimed = self._unwritten.write_ends(also=lambda: claims.claim(rooms) if rooms else [])
        else:
            claimed = claims.claim(rooms) if rooms and claims.is_any_ready() else []
        if rooms:
            self._looked(rooms, claimed)
        self._unwritten.write_gone()

    def _reconcile(self) -> None:
        """Give back what is ours by the database and unknown here: the answer to a commit may get lost."""
        if not self._is_unsure:
            return
        workers = [hand.worker_id for hand in self._crew] + self._unwritten.gone
        rows = Task.objects.under_way().filter(worker__in=workers).values("worker_id", *claims.COLUMNS)
        mine = [claims.of_row(row, row["worker_id"], row["claim"]) for row in rows]
        known = self._unwritten.task_ids()
        for hand in self._crew:
            known |= {each.task_id for each in hand.tasks}
        self._unwritten.to_give_back += [each for each in mine if each.task_id not in known]
        self._is_unsure = False

    def _shall_look(self) -> bool:
        if self._is_draining:
            return False
        return self._look or time.monotonic() >= self._due.get("look", 0)

    def _rooms(self) -> dict[UUID, int]:
        """How many tasks each child may be given now: more than one only while tasks are tiny.

        While there are many, a child gets more before it has done what it had, so that it need not wait.
        """
        depth = rules.depth(self._usual_seconds)
        rooms = {hand.worker_id: depth for hand in self._crew if hand.is_idle}
        if self._may_be_more:
            low = depth // 2
            rooms |= {
                hand.worker_id: depth - low for hand in self._crew if hand.is_brisk and len(hand.tasks) <= low
            }
        return rooms

    def _looked(self, rooms: dict[UUID, int], claimed: list[Claimed]) -> None:
        self._look = self._may_be_more = len(claimed) == sum(rooms.values())
        self._due["look"] = time.monotonic() + LOOK_SECONDS
        for hand in self._crew:
            hand.give([each for each in claimed if each.worker_id == hand.worker_id])

    def _hand_back(self, hand: Hand) -> None:
        """Give back what a child has not begun."""
        self._unwritten.give_back(hand.take_back())

    # -- stopping ---------------------------------------------------------------------------------

    def _stop_tasks(self) -> None:
        """Ask tasks to stop, and kill those that were asked and did not."""
        now = time.monotonic()
        for hand in self._crew:
            if hand.asked_at and now - hand.asked_at >= KILL_AFTER_SECONDS and not hand.killed_because:
                hand.kill("It did not stop when it was asked to.")
        if not self._look_for_stops:
            return
        self._look_for_stops = False
        busy = {hand.worker_id: hand for hand in self._crew if hand.tasks}
        for worker_id, task_id, number, _ in stopping.to_stop(list(busy)) if busy else ():
            self._stop(busy[worker_id], task_id, number)

    def _stop(self, hand: Hand, task_id: UUID, number: int) -> None:
        """Ask a task to stop. If it has not begun, it is canceled as it is given back."""
        if not self._is_surely_at(hand, task_id, number):
            return
        if not hand.asked_at:
            hand.asked_at = time.monotonic()
            hand.signal(STOP_SIGNAL)

    def _is_surely_at(self, hand: Hand, task_id: UUID, number: int) -> bool:
        """Can a signal to this child only meet that task? What comes after it is taken back for that."""
        self._hand_back(hand)
        if len(hand.tasks) > 1:  # the first has ended, and the child is about to tell
            self._look_for_stops = True
            return False
        return bool(hand.tasks) and (hand.tasks[0].task_id, hand.tasks[0].claim) == (task_id, number)

    def _mind_limits(self) -> None:
        """Time out what runs too long, and give back what waits behind it."""
        now = time.monotonic()
        for hand in self._crew:
            ran = now - hand.began_at
            if len(hand.tasks) > 1 and ran >= HOLD_SECONDS:
                self._usual_seconds = max(self._usual_seconds, ran)
                self._keep_only_the_first(hand)
            if len(hand.tasks) != 1:
                continue
            options = options_of(hand.tasks[0].name)
            if options.hard_seconds and ran >= options.hard_seconds and not hand.killed_because:
                hand.kill(
                    f"Killed: it ran for {ran:.0f} s, longer than the {options.hard_seconds:g} s it may."
                )
            elif options.soft_seconds and ran >= options.soft_seconds and not hand.is_timed_out:
                hand.is_timed_out = True
                hand.signal(TIMEOUT_SIGNAL)

    def _keep_only_the_first(self, hand: Hand) -> None:
        """A busy machine may take long to let a child begin: that is no reason to give its task to another."""
        back = hand.take_back()
        if not hand.tasks:
            hand.give(back[:1])
            del back[:1]
        self._unwritten.give_back(back)

    # -- housekeeping -----------------------------------------------------------------------------

    def _housekeeping(self) -> None:
        if self._is_due("second", LOOK_SECONDS):
            self._look_for_stops = True
            if self._listener.heal():
                self._look = True
            # First: what else cannot be done here can perhaps be done nowhere, and all would be taken for dead.
            if self._is_due("heartbeat", HEARTBEAT_SECONDS):
                self._see_who_is_there()
            if not self._is_draining:
                caretaking.every_second()
            if self._is_due("forget", FORGET_SECONDS) and events.forget_old():
                self._due["forget"] = 0  # they come faster than they go
            if self._is_due("tidy", TIDY_SECONDS):
                self._tidy()
            self._outage.is_over()
        if self._tally and self._is_due("tally", TALLY_SECONDS):
            self._tally.write()

    def _see_who_is_there(self) -> None:
        self._is_unsure = True
        self._leases.renew(self._crew)
        self._leases.settle_dead_neighbours(self._crew, self._unwritten)
        stopping.settle_rows_made_by_hand()

    def _tidy(self) -> None:
        caretaking.forget_old_workers()
        forget_settled()
        stopping.stop_forgotten()
        schedules.plan_anew()

    # -- the end ----------------------------------------------------------------------------------

    @property
    def _is_draining(self) -> bool:
        return self._signals > 0

    @property
    def _signals(self) -> int:
        return self._alarm.count if self._alarm else 0

    def _begin_to_drain(self) -> None:
        if not self._is_draining:
            return
        grace = self.grace_seconds if self._signals == 1 else 0
        self._drained_by = min(self._drained_by, time.monotonic() + grace)
        for hand in self._crew:
            self._hand_back(hand)
        busy = sum(1 for hand in self._crew if hand.tasks)
        if busy:
            log.info("draining: %d tasks may go on for %.0f s", busy, grace)

    def _is_done(self) -> bool:
        if not self._is_draining:
            return False
        is_busy = any(hand.tasks for hand in self._crew) or not self._unwritten.is_empty
        return not is_busy or time.monotonic() >= self._drained_by

    def _close(self) -> None:
        """Put back or fail what did not end in time, and say that these workers are gone.

        A task that has to be cleaned up after is left to the next supervisor, which finds its worker dead.
        """
        for hand in self._crew:
            hand.kill("Aborted during worker shutdown.")
            self._bury(hand)
        with suppress(DatabaseError):
            self._log.write()
            self._unwritten.write_what_goes_back()
            self._unwritten.write_ends()
            self._unwritten.write_gone()
            if self._tally:
                self._tally.write()
        self._listener.close()
        signal.set_wakeup_fd(-1)
        connection.close()
