"""Asked before scanning: which components are there, which must, may, must not be digitized."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.access import Access
from domain.errors import NotFound
from domain.holding import Holding
from domain.procedures import Rule, SubmittedForm
from tasks.house import house
from tasks.lookup import lookup_all

Advice = Literal["reuse", "digitize", "on_request", "do_not_digitize"]
ADVICE_NAMES: dict[Advice, str] = {
    "reuse": "đã có, dùng lại",
    "digitize": "phải số hóa",
    "on_request": "số hóa theo nhu cầu",
    "do_not_digitize": "không số hóa",
}
_BY_RULE: dict[Rule, Advice] = {
    "must": "digitize",
    "may": "on_request",
    "must_not": "do_not_digitize",
}


class Need(BaseModel):
    """One component of a dossier: its rule, and what of it the store holds."""

    model_config = ConfigDict(frozen=True)

    component: str
    name: str
    required: bool
    form: SubmittedForm
    """The form that the rule speaks of: the one named, else the first that is accepted."""
    rule: Rule
    reason: str
    advice: Advice
    present: tuple[Holding, ...]
    """Valid papers of the owner that may serve."""


class Needs(BaseModel):
    """The components of a procedure for one owner on one day."""

    model_config = ConfigDict(frozen=True)

    procedure: str
    name: str
    code: str | None
    verified: bool
    """Whether the components were checked against the published procedure."""
    on: date
    components: tuple[Need, ...]


def need(
    access: Access,
    procedure: str,
    owner_id: str,
    *,
    forms: dict[str, SubmittedForm] | None = None,
    on: date | None = None,
) -> Needs:
    """What this owner's dossier needs; `forms`: component → how it is handed in.

    A paper serves when it is in force and its signatures are not unsound. Raises NotFound for an
    unknown procedure, or a component that the procedure has not.
    """
    here = house()
    day = on or here.today()
    found = here.catalogue.procedure(procedure)
    if found is None or not found.exists_on(day):
        raise NotFound(
            f"Không có thủ tục «{procedure}» trong danh mục. Xem: sohoa catalogue list procedures."
        )
    given = forms or {}
    strange = sorted(given.keys() - {part.id for part in found.component})
    if strange:
        raise NotFound(f"Thủ tục «{found.name}» không có thành phần «{strange[0]}».")
    wanted = {type_id for part in found.component for type_id in part.types}
    held = (
        [
            paper
            for paper in lookup_all(access, owner_id, types=wanted, on=day)
            if paper.signatures != "unsound"
        ]
        if wanted
        else []
    )
    needs = []
    for part in found.component:
        form = given.get(part.id, part.submitted[0])
        ruling = here.catalogue.ruling(found.id, part.id, form, day)
        if ruling is None:
            raise AssertionError("the component is the procedure's own")
        present = tuple(paper for paper in held if paper.type in part.types)
        needs.append(
            Need(
                component=part.id,
                name=part.name,
                required=part.required,
                form=form,
                rule=ruling.rule,
                reason=ruling.reason,
                advice="reuse" if present else _BY_RULE[ruling.rule],
                present=present,
            )
        )
    return Needs(
        procedure=found.id,
        name=found.name,
        code=found.code or None,
        verified=found.verified,
        on=day,
        components=tuple(needs),
    )
