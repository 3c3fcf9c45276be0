"""Indicators (chỉ tiêu): what is counted, against what, under which named formula.

A value is `numerator` / `denominator` in percent, a mean, or a count per person; without a
denominator there is none ("không có"), never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.plan import Measure, Target
from domain.plan_terms import CONDITIONS, COUNTED, DENOMINATORS

PAPER_CONDITIONS = frozenset({"digitized", "signed", "archived", "reusable"})
"""Met by a paper of ours: has its code; signed by the agency; committed to the archive; found again
by its owner's identifier."""
DOSSIER_FLAGS: dict[str, str] = {
    "online": "online",
    "result_synced": "result_synced",
    "status_synced": "status_synced",
    "circulated_electronically": "circulated_electronically",
    "electronic_result": "result_file",
    "result_file": "result_file",
    "component_files": "component_files",
    "data_reused": "data_reused",
    "shared": "shared",
    "identity_verified": "identity_verified",
    "not_asked_again": "not_asked_again",
}
"""Condition → column of an imported dossier."""
PaperRule = Literal["any", "all"]
PAPER_RULES: dict[PaperRule, str] = {
    "any": "hồ sơ có ít nhất một giấy tờ đạt",
    "all": "hồ sơ có mọi giấy tờ đạt, đủ số thành phần",
}
Source = Literal["rows", "figures", "none"]
SOURCES: dict[Source, str] = {
    "rows": "từng hồ sơ đã nhập",
    "figures": "số liệu tổng hợp đã nhập",
    "none": "không có số liệu",
}


class Formula(BaseModel):
    """How an indicator is computed: shown beside every figure."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    indicator: str
    counted: str = "dossier"
    basis: str
    """The denominator: a key of `plan_terms.DENOMINATORS`."""
    conditions: tuple[str, ...]
    paper_rule: PaperRule = "any"
    measure: Measure = "percent"

    @property
    def text(self) -> str:
        """The formula in words."""
        met = " và ".join(CONDITIONS.get(name, _MORE.get(name, name)) for name in self.conditions)
        unit = COUNTED.get(self.counted, self.counted)
        rule = (
            f" ({PAPER_RULES[self.paper_rule]})"
            if PAPER_CONDITIONS.intersection(self.conditions)
            else ""
        )
        return f"số {unit} {met} ÷ {DENOMINATORS.get(self.basis, self.basis)}{rule}"


_MORE = {
    "component_files": "có tệp trong thành phần hồ sơ",
    "result_file": "có tệp trong kết quả xử lý",
    "identity_verified": "dùng dữ liệu dân cư",
}


def _qd766(number: str, basis: str, *conditions: str) -> Formula:
    return Formula(
        name=f"QĐ 766/QĐ-TTg {number}",
        version="23/6/2022; lời công thức chưa đối chiếu với văn bản",
        indicator=f"qd766_{number.replace('.', '_')}",
        basis=basis,
        conditions=conditions,
    )


QD766: tuple[Formula, ...] = (
    _qd766("4.1", "dossiers_resolved", "result_file"),
    _qd766("4.2", "dossiers_within_competence", "component_files", "result_file"),
    _qd766("4.3", "dossiers_received", "data_reused"),
    _qd766("4.4", "dossiers_received", "shared"),
    _qd766("4.5", "dossiers_received", "identity_verified"),
)
"""Bộ chỉ số phục vụ người dân, doanh nghiệp, group 4; the official wording was not seen."""


def formula_of(target: Target, paper_rule: PaperRule, basis: str | None = None) -> Formula:
    """The formula of a plan's target; `basis` replaces its denominator where a province says so."""
    return Formula(
        name=f"{target.source or 'kế hoạch'}" + (" (mẫu số theo cấu hình)" if basis else ""),
        version="theo văn bản" if target.source else "mẫu",
        indicator=target.indicator,
        counted=target.counted,
        basis=basis or target.denominator,
        conditions=target.conditions,
        paper_rule=paper_rule,
        measure=target.measure,
    )


class UnitCount(BaseModel):
    """What a unit has reached: `numerator` of `denominator`; None is "not known"."""

    model_config = ConfigDict(frozen=True)

    unit: str
    level: str
    """Its level in the view; empty for a unit that the catalogue does not know."""
    field: str = ""
    numerator: float | None
    denominator: float | None
    source: Source


def percentage(part: float, whole: float) -> float | None:
    """`part` of `whole` in percent, two decimals, half up; None when the whole is 0.

    Never over 100: where imported figures lag behind what was counted, the part is all of it.
    """
    value = _quotient(min(part, whole), whole, 100)
    return None if value is None else float(value)


def value_of(formula: Formula, numerator: float | None, denominator: float | None) -> float | None:
    """The indicator's value in its measure, two decimals; None without a denominator."""
    if numerator is None or denominator is None:
        return None
    if formula.measure == "percent":
        return percentage(numerator, denominator)
    value = _quotient(numerator, denominator, 1)
    return None if value is None else float(value)


def _quotient(part: float, whole: float, scale: int) -> Decimal | None:
    if whole <= 0:
        return None
    exact = Decimal(str(part)) * scale / Decimal(str(whole))
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def total(counts: Iterable[UnitCount]) -> tuple[float | None, float | None]:
    """Numerator and denominator of several units together.

    Only units of which both are known count, so that no rate mixes what was done here with the
    dossiers of others; where no unit has both, whole or part alone is known.
    """
    rows = list(counts)
    both = [(r.numerator, r.denominator) for r in rows if None not in {r.numerator, r.denominator}]
    if both:
        return sum(top or 0 for top, _ in both), sum(whole or 0 for _, whole in both)
    wholes = [row.denominator for row in rows if row.denominator is not None]
    if wholes:
        return None, sum(wholes)
    tops = [row.numerator for row in rows if row.numerator is not None]
    return (sum(tops) if tops else None), None
