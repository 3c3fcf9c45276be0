"""A paper in the data store of persons and organizations (Kho quản lý dữ liệu điện tử)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.states import PaperState

Standing = Literal["valid", "expired", "not_yet", "superseded", "withdrawn"]
STANDING_NAMES: dict[Standing, str] = {
    "valid": "còn hiệu lực",
    "expired": "hết hiệu lực",
    "not_yet": "chưa có hiệu lực",
    "superseded": "đã được thay thế",
    "withdrawn": "đã thu hồi",
}


class Holding(BaseModel):
    """One paper of an owner, as it stands on a day."""

    model_config = ConfigDict(frozen=True)

    id: str
    code: str | None
    type: str | None
    title: str | None
    number: str | None
    issuer: str | None
    issue_date: date | None
    valid_until: date | None
    """The last day; None: no end is known."""
    scope: str | None
    """Phạm vi hiệu lực, as the paper or its type says."""
    standing: Standing
    signatures: Literal["sound", "unsound", "undecided"]
    """The verdict on all signatures when the paper was archived."""
    archived_at: str
    link: str | None = None
    """Opens the file for a short time; only for a paper that is still in force or expired."""


def standing(
    state: PaperState, issued: date | None, valid_until: date | None, on: date
) -> Standing:
    """How a paper stands on a day; the first and the last day of its term belong to it."""
    if state is PaperState.SUPERSEDED:
        return "superseded"
    if state is PaperState.WITHDRAWN:
        return "withdrawn"
    if issued is not None and issued > on:
        return "not_yet"
    return "expired" if valid_until is not None and valid_until < on else "valid"
