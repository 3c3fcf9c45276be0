"""The plans that are there: listed, shown, checked against their texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from catalogues.plan_files import load_plan, plan_ids, read_plan
from domain.errors import ConfigurationFault, NotFound
from domain.plan import Plan
from tasks.house import house

_REACH = 60
"""A phrase of a plan stands within so many lines of the line where it begins."""


class Checked(BaseModel):
    """A plan that has passed: how many targets, how many phrases were found in the text."""

    model_config = ConfigDict(frozen=True)

    id: str
    targets: int
    phrases: int


def all_plans() -> list[Plan]:
    """Every plan that can be loaded."""
    override = house().settings.catalogue
    return [load_plan(plan_id, override) for plan_id in plan_ids(override)]


def plan_of(plan_id: str) -> Plan:
    """The plan of this id."""
    return load_plan(plan_id, house().settings.catalogue)


def shape(plan: Plan) -> dict[str, Any]:
    """The plan for other programs: every target with its due date filled in."""
    content = plan.model_dump(mode="json")
    for row, target in zip(content["targets"], plan.targets, strict=True):
        row["due"] = target.deadline.isoformat()
    return content


def check(plan: str | None, texts: Path | None) -> list[Checked]:
    """Check one plan (an id or a file) or all; ConfigurationFault says what is wrong where."""
    if plan and plan.endswith(".toml"):
        if not Path(plan).is_file():
            raise NotFound(f"Không có tệp «{plan}».")
        plans = [read_plan(Path(plan), Path(plan).stem)]
    else:
        plans = [plan_of(plan)] if plan else all_plans()
    return [
        Checked(id=one.id, targets=len(one.targets), phrases=_compared(one, texts)) for one in plans
    ]


def _compared(plan: Plan, texts: Path | None) -> int:
    if texts is None or not plan.document:
        return 0
    file = texts / plan.document
    if not file.is_file():
        raise NotFound(f"Không có văn bản «{file}».")
    lines = file.read_text(encoding="utf-8").split("\n")
    count = 0
    for phrase, source in quotations(plan):
        first = int(source.rpartition(":")[2]) - 1
        text = _words("\n".join(lines[first : first + _REACH]))
        at = text.find(_words(phrase))
        if not 0 <= at < max(1, len(_words(lines[first]))):
            raise ConfigurationFault(f"{source}: không có câu «{phrase}» bắt đầu ở dòng này.")
        count += 1
    return count


def quotations(plan: Plan) -> Iterator[tuple[str, str]]:
    """Every phrase of a plan with the place where it stands."""
    for target in plan.targets:
        yield target.phrase, target.source
        if target.heading:
            yield target.heading, target.heading_source
        yield from ((e.phrase, e.source) for e in target.exemptions)
    yield from ((entry.phrase, entry.source) for entry in plan.contradictions)
    yield from ((entry.phrase, entry.source) for entry in plan.reporting.reports)
    if plan.reporting.phrase:
        yield plan.reporting.phrase, plan.reporting.source


def _words(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))
