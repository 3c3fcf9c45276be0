"""Procedures (thủ tục hành chính), their components, and what of them is digitized.

The rule comes from TT 01/2023/TT-VPCP Đ4: some components must be digitized, others on request,
some must not; a decision of the province's chairman names more of them (Đ4.1.c).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.units import Dated, Level

Rule = Literal["must", "may", "must_not"]
SubmittedForm = Literal[
    "original",
    "register_copy",
    "certified_e_copy",
    "compared_photo",
    "copy",
    "certified_copy",
    "shown",
]
"""How a component is handed in: bản chính; bản sao điện tử cấp từ sổ gốc; bản sao điện tử chứng
thực từ bản chính; bản chụp điện tử có bản chính để đối chiếu; bản sao chụp; bản sao có chứng thực;
chỉ xuất trình."""
NOT_DIGITIZED_FORMS: frozenset[SubmittedForm] = frozenset({"copy", "certified_copy", "shown"})
"""Forms that TT 01/2023/TT-VPCP Đ4 takes out, whatever else is decided."""
Ground = Literal["previous_result", "special_law", "province", "request", "shared_data"]
"""Why a component has its rule: Đ4.1 a, b, c, d; `shared_data` is already shared as data."""

RULE_NAMES: dict[Rule, str] = {
    "must": "phải số hóa",
    "may": "số hóa theo nhu cầu",
    "must_not": "không số hóa",
}


class Component(BaseModel):
    """One component of a dossier (thành phần hồ sơ)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str = Field(min_length=1)
    types: tuple[str, ...] = ()
    """Ids of the document types that may serve as this component; the first is the usual one."""
    submitted: tuple[SubmittedForm, ...] = ("original",)
    """The forms in which the procedure accepts it."""
    required: bool = True
    rule: Rule
    ground: Ground


class Procedure(Dated):
    """One procedure with its components and its results."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str = Field(min_length=1)
    code: str = Field(default="", pattern=r"^(\d\.\d{6}(\.[\w.]+)?)?$")
    """National code (mã TTHC); empty where no source gives it."""
    field: str = ""
    """Lĩnh vực."""
    levels: tuple[Level, ...] = Field(min_length=1)
    """Levels competent now."""
    results: tuple[str, ...] = ()
    """Ids of the document types that it ends in."""
    component: tuple[Component, ...] = ()
    source: str = ""
    verified: bool = False

    def part(self, component_id: str) -> Component | None:
        """The component with this id, or None."""
        return next((entry for entry in self.component if entry.id == component_id), None)


class Decision(Dated):
    """One line of the province's decided list: procedure × component × form × validity → rule."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    procedure: str
    component: str
    submitted: tuple[SubmittedForm, ...] = ()
    """The forms of submission that it speaks of; empty: all."""
    rule: Rule
    document: str = Field(min_length=1)
    """Number and date of the decision that says so."""
    sample: bool = False
    """Invented for the demonstration; no chairman decided it."""
    source: str = ""
    verified: bool = False

    def speaks_of(self, procedure: str, component: str, form: SubmittedForm, on: date) -> bool:
        """Whether this line decides this case on this day."""
        named = self.procedure == procedure and self.component == component
        return named and (not self.submitted or form in self.submitted) and self.exists_on(on)


class Ruling(BaseModel):
    """Whether a component is digitized, and the reason in Vietnamese."""

    model_config = ConfigDict(frozen=True)

    rule: Rule
    reason: str


_GROUND_NAMES: dict[Ground, str] = {
    "previous_result": "kết quả của TTHC trước đó (TT 01/2023/TT-VPCP Đ4.1.a)",
    "special_law": "pháp luật chuyên ngành buộc số hóa (Đ4.1.b)",
    "province": "theo quyết định của Chủ tịch UBND cấp tỉnh (Đ4.1.c)",
    "request": "theo nhu cầu của tổ chức, cá nhân (Đ4.1.d)",
    "shared_data": "đã được chia sẻ dưới dạng dữ liệu có giá trị pháp lý (Đ4)",
}


def digitizing_rule(
    procedure: Procedure,
    component: Component,
    form: SubmittedForm,
    on: date,
    decisions: Sequence[Decision] = (),
) -> Ruling:
    """The rule for a component handed in as `form` on a day.

    Order: the forms that the circular excludes, then the province's decision that began last, then
    the component's own rule.
    """
    if form in NOT_DIGITIZED_FORMS:
        return Ruling(
            rule="must_not",
            reason="nộp bản sao chụp, bản sao có chứng thực hoặc chỉ xuất trình "
            "(TT 01/2023/TT-VPCP Đ4)",
        )
    spoken = [d for d in decisions if d.speaks_of(procedure.id, component.id, form, on)]
    if spoken:
        latest = max(spoken, key=lambda entry: (entry.valid_from or date.min, entry.id))
        return Ruling(rule=latest.rule, reason=f"theo {latest.document}")
    return Ruling(rule=component.rule, reason=_GROUND_NAMES[component.ground])
