"""Random courses of the queue, beside a model of ten lines. No processes: the functions that they call.

More of it: CARTWHEEL_TEST_EXAMPLES=2000.
"""

from __future__ import annotations

import os
from uuid import UUID

import make
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cartwheel.engine.claims import Claimed, claim
from cartwheel.engine.endings import Outcome, finish, give_back, settle
from cartwheel.engine.models import Event, Reservation, Resource, Task, Worker
from cartwheel.engine.states import FINAL, State
from cartwheel.engine.stopping import cancel

EXAMPLES = int(os.environ.get("CARTWHEEL_TEST_EXAMPLES", "25"))
WANTED = st.dictionaries(st.sampled_from("abc"), st.booleans(), max_size=3)  # resource -> alone?


class Model:
    """Per resource, who came first; a task may start if nobody before it is in its way."""

    def __init__(self) -> None:
        self.wants: dict[UUID, dict[str, bool]] = {}  # in the order of their coming, until they end

    def is_free(self, task: UUID) -> bool:
        before = list(self.wants)[: list(self.wants).index(task)]
        return not any(
            name in self.wants[other] and (alone or self.wants[other][name])
            for name, alone in self.wants[task].items()
            for other in before
        )


class Queue(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        for model in (Event, Reservation, Task, Worker, Resource):
            model.objects.all().delete()
        self.model = Model()
        self.claimed: dict[UUID, Claimed] = {}
        self.ended: dict[UUID, str] = {}

    @rule(wants=WANTED)
    def dispatch(self, wants: dict[str, bool]) -> None:
        alone = [name for name, is_alone in wants.items() if is_alone]
        shared = [name for name, is_alone in wants.items() if not is_alone]
        self.model.wants[make.task(exclusive=alone, shared=shared).pk] = wants

    @rule(rooms=st.lists(st.integers(1, 3), min_size=1, max_size=2))
    def claim(self, rooms: list[int]) -> None:
        free = {task for task in self.model.wants if task not in self.claimed and self.model.is_free(task)}
        got = claim({make.worker().pk: room for room in rooms})
        assert {each.task_id for each in got} <= free
        assert len(got) == min(sum(rooms), len(free))
        self.claimed |= {each.task_id: each for each in got}

    @precondition(lambda self: self.claimed)
    @rule(data=st.data(), state=st.sampled_from([State.COMPLETED, State.FAILED]))
    def end(self, data: st.DataObject, state: State) -> None:
        task = data.draw(st.sampled_from(sorted(self.claimed)))
        finish([Outcome(task, self.claimed[task].claim, state)])
        self.gone(task)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def lose_a_worker(self, data: st.DataObject) -> None:
        lost = self.claimed[data.draw(st.sampled_from(sorted(self.claimed)))]
        settle([lost.worker_id], "Worker has gone missing.")
        for task in [each.task_id for each in self.claimed.values() if each.worker_id == lost.worker_id]:
            self.gone(task)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def give_one_back(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.claimed)))
        give_back([self.claimed.pop(task)])
        if Task.objects.get(pk=task).is_final:
            self.gone(task)

    @precondition(lambda self: self.model.wants)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.model.wants)))
        stopped = cancel(Task.objects.get(pk=task))
        assert stopped.state == ("canceling" if task in self.claimed else "canceled")
        if task not in self.claimed:
            self.gone(task)

    def gone(self, task: UUID) -> None:
        self.claimed.pop(task, None)
        del self.model.wants[task]
        self.ended[task] = Task.objects.get(pk=task).state
        assert self.ended[task] in FINAL

    @invariant()
    def what_waits_is_unblocked_exactly_if_nobody_is_in_its_way(self) -> None:
        for task in Task.objects.filter(state=State.WAITING):
            assert (task.unblocked_at is not None) == self.model.is_free(task.pk)
            assert task.pending == task.reservations.filter(hold=Reservation.Hold.WAITING).count()

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
        while self.model.wants:
            self.claim([3])
            assert self.claimed
            for task, got in list(self.claimed.items()):
                finish([Outcome(task, got.claim, State.COMPLETED)])
                self.gone(task)


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
