"""What the engine remembers.

Models know what is true of one row. What changes a task's state is in claims.py, endings.py
and stopping.py, what gives and takes resources in resources.py, and nowhere else.
"""

from cartwheel.engine.models.queues import Reservation, Resource
from cartwheel.engine.models.steering import Pause, Schedule, Statistic
from cartwheel.engine.models.tasks import Priority, Task, TaskGroup, TaskQuerySet
from cartwheel.engine.models.told import CreatedResource, Event, LogLine, ProgressReport
from cartwheel.engine.models.workers import MISSING, ONLINE, ONLINE_SECONDS, RECENTLY, Worker

__all__ = [
    "MISSING",
    "ONLINE",
    "ONLINE_SECONDS",
    "RECENTLY",
    "CreatedResource",
    "Event",
    "LogLine",
    "Pause",
    "Priority",
    "ProgressReport",
    "Reservation",
    "Resource",
    "Schedule",
    "Statistic",
    "Task",
    "TaskGroup",
    "TaskQuerySet",
    "Worker",
]
