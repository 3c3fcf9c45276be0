"""What clients send and get. The OpenAPI description is made from these."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from domain.access import Line
from domain.holding import Holding
from domain.plan_report import PlanReport
from domain.procedures import SubmittedForm
from tasks.lookup_text import Hit


def _written(value: object) -> object:
    """A day is written as text; pydantic alone would take a number for seconds since 1970."""
    if value is not None and not isinstance(value, date | str):
        raise ValueError("ngày phải viết YYYY-MM-DD")
    if isinstance(value, str) and len(value) != len("2026-11-21"):
        raise ValueError("ngày phải viết YYYY-MM-DD")
    return value


def _number(value: object) -> object:
    """A number is written as one (JSON Schema counts 47.0 as whole); neither text nor yes or no."""
    if isinstance(value, bool | str):
        raise ValueError("phải là số nguyên")  # noqa: TRY004 - pydantic takes ValueError alone
    return value


Day = Annotated[date, BeforeValidator(_written)]
Requester = Annotated[Line, Field(max_length=100, description="Người khai thác.")]
Purpose = Annotated[Line, Field(max_length=300, description="Mục đích; ghi vào nhật ký.")]
Owner = Annotated[
    str,
    Field(pattern=r"^[0-9A-Za-z]{5,20}(-[0-9]{3})?$", description="Số định danh hoặc mã số thuế."),
]
Name = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.\-]{0,79}$")]
Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_number)]
Place = Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(_number)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    requester: Requester
    purpose: Purpose


class LookupRequest(_Asked):
    """Which papers an owner has."""

    owner: Owner
    types: list[Name] = Field(default=[], max_length=50)
    on: Day | None = None
    only_valid: StrictBool = True
    after: Name | None = None
    limit: Limit = 50


class LookupAnswer(BaseModel):
    """One page of papers."""

    papers: list[Holding]
    next: str | None
    """`after` of the next page; None: there is none."""


class NeedRequest(_Asked):
    """Which components of a procedure the owner need not bring."""

    owner: Owner
    procedure: Name
    on: Day | None = None
    forms: dict[Name, SubmittedForm] = Field(
        default={}, max_length=100, json_schema_extra={"additionalProperties": False}
    )


class ReuseRequest(_Asked):
    """A paper was accepted in place of a new submission."""

    paper: Name
    dossier: Name
    component: Name
    procedure: Name | None = None


class SearchRequest(_Asked):
    """Words in texts and titles, with or without diacritics; in quotes: one after another."""

    query: Annotated[Line, Field(max_length=200)]
    before: Place | None = None
    limit: Limit = 20


class SearchAnswer(BaseModel):
    """One page of hits."""

    hits: list[Hit]
    next: int | None
    """`before` of the next page; None: there is none."""


class ProgressAnswer(BaseModel):
    """The plan's progress in a period, reuses and what the national portal has."""

    report: PlanReport
    reuses: dict[str, int]
    synced: int
    archived: int


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    title: str
    status: int
    detail: str


Record = dict[str, Any]
