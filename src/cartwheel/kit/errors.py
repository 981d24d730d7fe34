"""The errors that people see.

    CartwheelError
    ├── Invalid    400   what was sent is not right
    ├── Denied     403   it is right, but not yours to do
    ├── NotFound   404   there is no such thing
    ├── Conflict   409   it contradicts what is there
    ├── TooLarge   413   it is more than fits
    ├── TooSoon    429   not so often
    ├── Away       503   what the hub needs for it does not answer just now
    └── NoSpace    507   the hub's disk is full

A `code` lasts for ever, clients match it. The message names the thing, the value and the next step.
Errors are raised where they are noticed; one place per room turns them into JSON, a page or a line.
"""

from __future__ import annotations

from typing import ClassVar

DISK_FULL = "The hub's disk is full. Ask its operator for space, then try again."


class CartwheelError(Exception):
    """Something that a person can mend. `field` names the input that is wrong, if it is one."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    pulp_code: ClassVar[str] = ""  # Pulp's number for it, which some of its clients read in a task's error

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Invalid(CartwheelError):
    status = 400
    code = "invalid"


class NameTaken(Invalid):
    """Of what has a name that only one may have. In the words that clients know."""

    code = "unique"

    def __init__(self) -> None:
        super().__init__("This field must be unique.", field="name")


class Denied(CartwheelError):
    status = 403
    code = "permission_denied"


class NotFound(CartwheelError):
    status = 404
    code = "not_found"


class Conflict(CartwheelError):
    status = 409
    code = "conflict"


class TooLarge(CartwheelError):
    status = 413
    code = "too_large"


class TooSoon(CartwheelError):
    """`retry_after` are the seconds after which it is worth to try again."""

    status = 429
    code = "throttled"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Away(CartwheelError):
    """`retry_after` are the seconds after which it is worth to try again."""

    status = 503
    code = "service_unavailable"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NoSpace(CartwheelError):
    status = 507
    code = "insufficient_storage"
