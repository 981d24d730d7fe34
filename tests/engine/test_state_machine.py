"""Random courses of the queue, beside a model of it. No processes: the functions that they call.

More of it: CARTWHEEL_TEST_EXAMPLES=2000.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import make
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cartwheel.engine import context
from cartwheel.engine.again import run_again
from cartwheel.engine.claims import Claimed, bring_scheduled, claim
from cartwheel.engine.endings import Outcome, finish, give_back, settle
from cartwheel.engine.gate import HUB
from cartwheel.engine.models import Event, Pause, Reservation, Resource, Task, Worker
from cartwheel.engine.pausing import pause, resume
from cartwheel.engine.retention import purge
from cartwheel.engine.states import FINAL, State
from cartwheel.engine.stopping import cancel
from cartwheel.engine.trials import dummy_task, sleep

EXAMPLES = int(os.environ.get("CARTWHEEL_TEST_EXAMPLES", "25"))
Wants = dict[str, bool]  # resource -> alone?
WANTED = st.dictionaries(st.sampled_from("abc"), st.booleans(), max_size=3)
DUMMY, OTHER = dummy_task.name, sleep.name
REPEATABLE, ATTEMPTS = purge.name, purge.options.attempts
NAMES = st.sampled_from([DUMMY, OTHER, REPEATABLE])
PAUSES = st.sampled_from(
    [(Pause.Scope.HUB, ""), (Pause.Scope.FUNCTION, DUMMY), (Pause.Scope.FUNCTION, REPEATABLE)]
)


@dataclass(frozen=True)
class Made:
    """A task as it was made. `born` and `root` are numbers, in the order of dispatch."""

    name: str
    wants: Wants
    born: int
    root: int


@dataclass
class Model:
    """Who came first, and who lets whom pass."""

    made: dict[UUID, Made] = field(default_factory=dict)
    parents: dict[UUID, UUID] = field(default_factory=dict)
    line: list[UUID] = field(default_factory=list)  # in the order of their coming, until they end
    running: set[UUID] = field(default_factory=set)
    later: set[UUID] = field(default_factory=set)
    continuing: dict[UUID, UUID] = field(default_factory=dict)  # task -> the one that it ends with
    paused: set[tuple[str, str]] = field(default_factory=set)
    open_to: UUID | None = None  # the gate that has the hub

    def ahead(self, task: UUID) -> set[UUID]:
        """Those in a task's way."""
        mine, before = self.made[task].wants, self.line[: self.line.index(task)]
        theirs = {other: self.made[other].wants for other in before}
        return {
            other
            for other in before
            if any(name in theirs[other] and (mine[name] or theirs[other][name]) for name in mine)
        }

    def is_free(self, task: UUID) -> bool:
        return not self.ahead(task)

    def gates(self) -> list[UUID]:
        return [task for task in self.line if HUB in self.made[task].wants]

    def may_start(self) -> set[UUID]:
        if (Pause.Scope.HUB, "") in self.paused:
            return set()
        self._open()
        waiting = set(self.line) - self.running
        free = {each for each in waiting if self.is_free(each) and each not in self.gates()}
        if self.open_to is not None:
            free = {each for each in free if self._is_within(each, self.open_to)}
            free |= {self.open_to} & waiting
        elif gates := self.gates():
            free &= self._passing(gates[0], waiting)
        return {each for each in free if (Pause.Scope.FUNCTION, self.made[each].name) not in self.paused}

    def _open(self) -> None:
        if self.open_to is None and not self.running:
            self.open_to = next((each for each in self.gates()[:1] if not self._before(each)), None)

    def _before(self, gate: UUID) -> set[UUID]:
        born = self.made[gate].born
        return {each for each in self.line if self.made[each].root < born} - set(self.gates()) - self.running

    def _passing(self, gate: UUID, waiting: set[UUID]) -> set[UUID]:
        """Who was there before, who belongs to what runs, and whoever those from before wait for."""
        under_way = self.running | set(self.continuing)
        roots = {self.made[each].root for each in under_way}
        passing = self._before(gate)
        blocked, obstacles = set(passing), set[UUID]()
        while blocked:
            blocked = {other for each in blocked for other in self._holders(each)} - obstacles - self.running
            obstacles |= blocked
        return passing | obstacles | {each for each in waiting if self.made[each].root in roots}

    def _holders(self, task: UUID) -> set[UUID]:
        """Those ahead of a task that have what it wants, even if they lack something else."""
        found = set()
        for name, alone in self.made[task].wants.items():
            users = [each for each in self.line if name in self.made[each].wants]
            before = users[: users.index(task)]
            if not any(alone or self.made[each].wants[name] for each in before):
                continue
            for number, each in enumerate(before):
                mine = self.made[each].wants[name]
                if not any(mine or self.made[other].wants[name] for other in before[:number]):
                    found.add(each)
        return found

    def _is_within(self, task: UUID, other: UUID) -> bool:
        parent = self.parents.get(task)
        return parent is not None and (parent == other or self._is_within(parent, other))

    def stopped_with(self, task: UUID) -> set[UUID]:
        """Those that end at once when a task is stopped."""
        if task in self.running:
            return set()
        found = {task} | self.ending_with(task)
        child = self.continuing.get(task)
        return found | (self.stopped_with(child) if child else set())

    def ending_with(self, task: UUID) -> set[UUID]:
        parents = {parent for parent, child in self.continuing.items() if child == task}
        return parents.union(*(self.ending_with(each) for each in parents))

    def leave(self, task: UUID) -> None:
        if task in self.line:
            self.line.remove(task)
        self.running.discard(task)
        self.later.discard(task)
        self.continuing.pop(task, None)
        if self.open_to == task:
            self.open_to = None


class Queue(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        for model in (Event, Reservation, Task, Worker, Resource, Pause):
            model.objects.all().delete()
        self.model = Model()
        self.claimed: dict[UUID, Claimed] = {}
        self.ended: dict[UUID, str] = {}

    def note(self, task: Task, wants: Wants, parent: UUID | None = None) -> None:
        born = len(self.model.made)
        root = self.model.made[parent].root if parent else born
        self.model.made[task.pk] = Made(task.name, wants, born, root)
        self.model.line.append(task.pk)
        if parent:
            self.model.parents[task.pk] = parent

    def make(self, name: str, wants: Wants) -> Task:
        alone = [name for name, is_alone in wants.items() if is_alone]
        shared = [name for name, is_alone in wants.items() if not is_alone]
        return make.task(name, exclusive=alone, shared=shared)

    @rule(name=NAMES, wants=WANTED)
    def dispatch(self, name: str, wants: Wants) -> None:
        self.note(self.make(name, wants), wants)

    @rule(name=NAMES)
    def dispatch_one_that_wants_the_hub(self, name: str) -> None:
        self.note(self.make(name, {HUB: True}), {HUB: True})

    @precondition(lambda self: self.claimed)
    @rule(data=st.data(), name=NAMES, wants=WANTED | st.just({HUB: True}), ends_with_it=st.booleans())
    def dispatch_a_child(self, data: st.DataObject, name: str, wants: Wants, ends_with_it: bool) -> None:
        parent = data.draw(st.sampled_from(sorted(self.claimed)))
        with context.running(Task.objects.get(pk=parent)):
            child = self.make(name, wants)
        self.note(child, wants, parent)
        if ends_with_it:
            self.end_with(parent)

    @precondition(lambda self: bool(set(self.claimed) & set(self.model.parents.values())))
    @rule(data=st.data())
    def end_with_some_child(self, data: st.DataObject) -> None:
        parents = set(self.claimed) & set(self.model.parents.values())
        self.end_with(data.draw(st.sampled_from(sorted(parents))))

    def end_with(self, parent: UUID) -> None:
        child = max(each for each, its in self.model.parents.items() if its == parent)
        asked = self.is_asked(parent)
        finish([Outcome(parent, self.claimed.pop(parent).claim, State.RUNNING, ends_with=child)])
        self.model.leave(parent)
        if child in self.ended:
            self.gone(parent, self.ended[child])
        elif asked:
            self.gone(parent, State.CANCELED)
            for each in self.model.stopped_with(child):
                self.gone(each, State.CANCELED)
        else:
            self.model.continuing[parent] = child

    def is_asked(self, task: UUID) -> bool:
        return Task.objects.get(pk=task).state == State.CANCELING

    @rule(rooms=st.lists(st.integers(1, 3), min_size=1, max_size=2))
    def claim(self, rooms: list[int]) -> None:
        may = self.model.may_start()
        got = claim({make.worker().pk: room for room in rooms})
        assert {each.task_id for each in got} <= may
        assert len(got) == min(sum(rooms), len(may))
        self.claimed |= {each.task_id: each for each in got}
        self.model.running |= {each.task_id for each in got}

    @precondition(lambda self: self.claimed)
    @rule(data=st.data(), state=st.sampled_from([State.COMPLETED, State.FAILED]))
    def end(self, data: st.DataObject, state: State) -> None:
        task = data.draw(st.sampled_from(sorted(self.claimed)))
        expected = State.CANCELED if self.is_asked(task) else state
        finish([Outcome(task, self.claimed[task].claim, state)])
        self.gone(task, expected)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def fail_and_try_again(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.claimed)))
        asked = self.is_asked(task)
        finish([Outcome(task, self.claimed[task].claim, State.FAILED, retry_seconds=600)])
        self.put_off(task, State.CANCELED if asked else None)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def lose_a_worker(self, data: st.DataObject) -> None:
        lost = self.claimed[data.draw(st.sampled_from(sorted(self.claimed)))].worker_id
        had = [each for each in self.claimed.values() if each.worker_id == lost]
        asked = {each.task_id: self.is_asked(each.task_id) for each in had}
        settle([lost], "Worker has gone missing.")
        for each in had:
            again = each.name == REPEATABLE and each.attempt < ATTEMPTS
            self.put_off(
                each.task_id, State.CANCELED if asked[each.task_id] else None if again else State.FAILED
            )

    def put_off(self, task: UUID, ended: State | None) -> None:
        if ended is not None:
            self.gone(task, ended)
            return
        del self.claimed[task]
        self.model.leave(task)
        self.model.later.add(task)

    @precondition(lambda self: self.model.later)
    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.model.later)))
        Task.objects.filter(pk=task).update(not_before=timezone.now() - timedelta(seconds=1))
        bring_scheduled()
        self.model.later.remove(task)
        self.model.line.append(task)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def give_one_back(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.claimed)))
        asked = self.is_asked(task)
        give_back([self.claimed[task]])
        if asked:
            self.gone(task, State.CANCELED)
        else:
            del self.claimed[task]
            self.model.running.remove(task)

    @precondition(lambda self: len(self.ended) < len(self.model.made))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(set(self.model.made) - set(self.ended))))
        stopped = cancel(Task.objects.get(pk=task))
        assert stopped.state == (State.CANCELING if task in self.claimed else State.CANCELED)
        for each in self.model.stopped_with(task):
            self.gone(each, State.CANCELED)

    @precondition(lambda self: self.ended)
    @rule(data=st.data())
    def run_again(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.ended)))
        self.note(run_again(Task.objects.get(pk=task)), self.model.made[task].wants)

    @rule(what=PAUSES)
    def pause(self, what: tuple[Pause.Scope, str]) -> None:
        pause(*what)
        self.model.paused.add(what)

    @precondition(lambda self: self.model.paused)
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        what = data.draw(st.sampled_from(sorted(self.model.paused)))
        resume(Pause.Scope(what[0]), what[1])
        self.model.paused.remove(what)

    def gone(self, task: UUID, state: str) -> None:
        """It has ended, and so have those that end with it."""
        if task in self.ended:
            return
        parents = self.model.ending_with(task)
        self.claimed.pop(task, None)
        self.model.leave(task)
        self.ended[task] = Task.objects.get(pk=task).state
        assert self.ended[task] == state
        assert state in FINAL
        for each in parents:
            self.gone(each, state)

    @invariant()
    def what_waits_is_unblocked_exactly_if_nobody_is_in_its_way(self) -> None:
        for task in Task.objects.filter(state=State.WAITING, not_before=None):
            assert task.pending == task.reservations.filter(hold=Reservation.Hold.WAITING).count()
            if HUB not in self.model.made[task.pk].wants:
                assert (task.unblocked_at is not None) == self.model.is_free(task.pk)

    @invariant()
    def nobody_has_what_another_has_alone(self) -> None:
        for place in Reservation.objects.alone().filter(hold=Reservation.Hold.HELD):
            others = Reservation.objects.active().filter(resource=place.resource, hold=Reservation.Hold.HELD)
            assert others.count() == 1

    @invariant()
    def what_has_ended_stays_as_it_ended(self) -> None:
        states = dict(Task.objects.filter(pk__in=self.ended).values_list("pk", "state"))
        assert states == self.ended

    def teardown(self) -> None:
        """When all that runs ends, all that waits gets its turn: nobody starves."""
        Pause.objects.all().delete()
        self.model.paused.clear()
        for task in sorted(self.model.later):
            Task.objects.filter(pk=task).update(not_before=timezone.now() - timedelta(seconds=1))
            self.model.line.append(task)
        self.model.later.clear()
        bring_scheduled()
        while self.model.line:
            self.claim([3])
            assert self.claimed
            for task, got in list(self.claimed.items()):
                expected = State.CANCELED if self.is_asked(task) else State.COMPLETED
                finish([Outcome(task, got.claim, State.COMPLETED)])
                self.gone(task, expected)
        assert not Task.objects.incomplete().exists()


@pytest.mark.django_db(transaction=True)
def test_the_queue_does_what_the_model_says() -> None:
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize="CARTWHEEL_TEST_EXAMPLES" not in os.environ,
        ),
    )
