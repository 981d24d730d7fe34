"""Resources, and who stands in line for them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cartwheel.engine.models.literally import literally
from cartwheel.engine.models.tasks import Task


class Resource(models.Model):
    """A name that tasks reserve. Its row is what dispatches to the same resource line up on."""

    name = models.CharField(max_length=255, primary_key=True)

    def __str__(self) -> str:
        return self.name


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def active(self) -> ReservationQuerySet:
        """Those whose task has not ended; literally, as SQLite's partial indexes want it."""
        return self.filter(literally("hold < 2"))

    def alone(self) -> ReservationQuerySet:
        """Those of them that have a resource for themselves, or want it so."""
        return self.filter(literally("hold < 2"), literally("exclusive"))

    def named(self, resource: str) -> ReservationQuerySet:
        """Those of a resource that the code knows; literally, since PostgreSQL keeps plans.

        A plan for any resource is made for one that many want: it may read the whole table to find none.
        """
        return self.filter(literally(f"resource = '{resource}'"))


class Reservation(models.Model):
    """A task's place in the queue of one resource: first come, first served, readers share."""

    class Hold(models.IntegerChoices):
        WAITING = 0
        HELD = 1
        RELEASED = 2

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="reservations")
    resource = models.CharField(max_length=255)
    exclusive = models.BooleanField()
    hold = models.SmallIntegerField(choices=Hold.choices, default=Hold.WAITING)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "resource"], name="reservation_once"),
        ]
        indexes = [
            # who is ahead, who is next; and who of those wants it alone
            models.Index(fields=["resource", "id"], name="reservation_queue", condition=Q(hold__lt=2)),
            models.Index(
                fields=["resource", "id"], name="reservation_alone", condition=Q(hold__lt=2, exclusive=True)
            ),
            # the tasks of a resource, also those that have ended
            models.Index(fields=["resource", "-task"], name="reservation_history"),
        ]

    def __str__(self) -> str:
        return f"{'' if self.exclusive else 'shared:'}{self.resource}"
