"""Errors, grouped by who must act.

Each class says whether trying again may help (`transient`) and which exit code the
command line ends with (`exit_code`). A message ends with what to do. Messages that reach
people are Vietnamese.
"""

from __future__ import annotations

from typing import ClassVar


class SohoaError(Exception):
    """The root of all errors that this project raises on purpose."""

    transient: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class DocumentFault(SohoaError):
    """The document is at fault: its scan is set aside, its bytes are kept, the lot goes on.

    `reason` is a short stable word for statistics (for example `encrypted`); the message
    is what an officer reads and can act on.
    """

    exit_code = 3

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[DocumentFault], tuple[str, str]]:
        """Survive the way between processes: two arguments, not one."""
        return type(self), (self.reason, str(self))


class Undecided(SohoaError):
    """Nothing is wrong, but a person must decide."""

    exit_code = 4


class Unavailable(SohoaError):
    """A service or resource does not answer now; the same call may succeed later."""

    transient = True
    exit_code = 5


class ConfigurationFault(SohoaError):
    """Settings, keys or catalogues are wrong: stop and tell the administrator."""

    exit_code = 6


class IntegrityFault(SohoaError):
    """Stored or signed bytes are not what they must be: stop and alarm."""

    exit_code = 7


class NotFound(SohoaError):
    """What was asked for is not there."""

    exit_code = 8


class AlreadyExists(SohoaError):
    """A put-once place already holds other bytes."""

    exit_code = 9


class LeaseLost(SohoaError):
    """Another worker has taken over this scan; this one must stop touching it."""

    exit_code = 9
