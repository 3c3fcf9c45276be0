"""Retention classes (thời hạn lưu trữ) and the lock period that follows from them."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_LEAP_DAY = (2, 29)


class RetentionClass(BaseModel):
    """How long papers are kept, and how long the store refuses to delete them.

    `lock_years` is the first lock (Object Lock) at archiving. It may be shorter than `years`, and
    must be for papers kept for ever: a lock can be prolonged and never taken back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str = Field(min_length=1)
    code: str = ""
    """Code of the term in archival packages: "01" for vĩnh viễn."""
    years: int | None = Field(default=None, ge=1, le=200)
    """None: for ever."""
    lock_years: int = Field(ge=0, le=100)
    source: str = ""
    verified: bool = False

    @model_validator(mode="after")
    def _lock_ends_first(self) -> Self:
        if self.years is not None and self.lock_years > self.years:
            raise ValueError("lock_years dài hơn years: hồ sơ hết hạn sẽ không hủy được")
        return self

    def keep_until(self, since: date) -> date | None:
        """The day on which disposal may be proposed; None for papers kept for ever."""
        return None if self.years is None else _years_after(since, self.years)

    def archived_after(self, today: date) -> date | None:
        """Papers archived before this day are past their retention today; None: never."""
        if self.years is None:
            return None
        return _years_after(today, -self.years)

    def lock_until(self, since: date) -> date | None:
        """The last day of the first lock of a paper archived on `since`; None: no lock."""
        return _years_after(since, self.lock_years) if self.lock_years else None


def _years_after(day: date, years: int) -> date:
    if (day.month, day.day) == _LEAP_DAY:
        return date(day.year + years, 3, 1)
    return day.replace(year=day.year + years)
