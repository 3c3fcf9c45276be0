"""Closing a period (chốt số liệu): frozen, named, signed off; later corrections show as such."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Connection, RowMapping

from domain.errors import IntegrityFault, NotFound, Undecided
from domain.plan_report import Closing, PlanReport, corrections
from storage.registry import audit
from storage.registry.progress import close, closing, closings_of
from tasks.house import VIETNAM, house
from tasks.step import step


def closings_in(db: Connection, now: PlanReport) -> tuple[Closing, ...]:
    """The closings of the same plan and days, each with what has changed since."""
    span = now.period
    return tuple(
        _closing(row, now)
        for row in closings_of(db, now.plan)
        if (row["first_day"], row["last_day"]) == (span.first, span.last)
    )


def both_or_neither(name: str | None, by: str | None) -> None:
    """Undecided for half a closing: a period is closed under a name and by somebody."""
    if bool(name) != bool(by):
        raise Undecided("Chốt số liệu phải nêu cả tên kỳ và người chốt.")


@step("close")
def close_period(report_now: PlanReport, name: str, by: str) -> None:
    """Freeze a report under a name (chốt số liệu), signed off by a person; once and for ever."""
    here = house()
    frozen = report_now.model_copy(update={"closings": (), "lacking": (), "officers": ()})
    kept = frozen.model_dump(mode="json")
    digest = _digest(kept)
    with here.registry.begin() as db:
        close(
            db,
            name=name,
            plan=frozen.plan,
            first_day=frozen.period.first,
            last_day=frozen.period.last,
            closed_by=by,
            at=here.now(),
            report=kept,
            digest=digest,
        )
        audit.append(
            db,
            "closed",
            f"{frozen.plan}/{name}"[:80],
            actor=by,
            at=here.now(),
            period=name,
            sha256=digest,
        )


def closed_report(name: str) -> PlanReport:
    """The figures of a closed period, as they were signed off.

    NotFound for none of this name, IntegrityFault where they are others now.
    """
    with house().registry.read() as db:
        row = closing(db, name)
    if row is None:
        raise NotFound(f"Chưa có kỳ nào chốt số liệu với tên «{name}».")
    return _signed_off(row)


def _signed_off(row: RowMapping) -> PlanReport:
    if _digest(row["report"]) != row["digest"]:
        raise IntegrityFault(
            f"Số liệu đã chốt «{row['name']}» không còn như lúc chốt (SHA-256 khác): báo quản trị "
            "viên, khôi phục sổ đăng ký từ bản sao lưu."
        )
    return PlanReport.model_validate(row["report"])


def _digest(report: dict[str, Any]) -> str:
    """Of the figures as JSON, in the order in which they were made: the databases keep it."""
    text = json.dumps(report, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _closing(row: RowMapping, now: PlanReport) -> Closing:
    return Closing(
        name=row["name"],
        closed_by=row["closed_by"],
        closed_at=row["closed_at"].astimezone(VIETNAM),
        digest=row["digest"],
        corrections=corrections(_signed_off(row), now),
    )
