"""What can go wrong with a task itself."""

from __future__ import annotations

from cartwheel.kit.errors import CartwheelError, Conflict, Invalid


class UnknownFunction(Invalid):
    """A task names a function that is not registered here. Nothing is ever imported by such a name."""

    code = "unknown_function"

    def __init__(self, name: str, known: frozenset[str], *, field: str | None = None) -> None:
        package, dot, _ = name.partition(".")
        if dot and not any(each.startswith(f"{package}.") for each in known):
            message = f"No module named '{package}'"
        else:
            message = f"'{name}' is not a task function of this hub."
        super().__init__(message, field=field)


class UnknownWorker(Invalid):
    """There is no worker with that id."""

    code = "unknown_worker"


class BadArguments(Invalid):
    """Arguments that cannot be kept in a row, or do not fit the function."""

    code = "bad_arguments"


class AlreadyFinal(Conflict):
    """The task has ended; that cannot be changed."""

    code = "task_final"

    def __init__(self, name: str, state: str) -> None:
        super().__init__(f"The task {name} is already {state}.")


class StillActive(Conflict):
    """The task has not ended yet, so it cannot be deleted."""

    code = "task_active"

    def __init__(self, name: str, state: str) -> None:
        super().__init__(f"The task {name} is still {state}. Stop it first.")


class LostClaim(CartwheelError):
    """This process no longer has the task: it was given away, or stopped. What it writes is refused."""

    code = "lost_claim"
    status = 409

    def __init__(self) -> None:
        super().__init__("This worker no longer has the task.")


class TaskCanceled(KeyboardInterrupt):
    """Raised in the main thread of a task that shall stop.

    No Exception, so that few catch it. As on Ctrl-C, psycopg cancels the statement that it waits for.
    """


class TaskTimeout(Exception, KeyboardInterrupt):
    """Raised in the main thread of a task that has run longer than its function allows.

    A task may catch it like any error, and go on. It is a KeyboardInterrupt for psycopg alone, which else leaves
    the statement that it waits for under way, and the connection of no use.
    """

    def __init__(self) -> None:
        super().__init__("The task timed out: it ran longer than it may.")


class NotAgain(Conflict):
    """This task cannot be run again: it has not ended, or its function says that once is enough."""

    code = "not_again"
