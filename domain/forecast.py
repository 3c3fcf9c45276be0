"""What a rate will be at the end of a running period (dự báo), and on which assumption."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict

from domain.indicators import Formula, value_of
from domain.period import View
from domain.plan_terms import STOCKS

_RECENT_MONTHS = 3
_DAYS_A_MONTH = 30.44
"""The mean."""


class Month(BaseModel):
    """A month of the trend: what was reached of what fell into it."""

    model_config = ConfigDict(frozen=True)

    month: str
    """`2026-03`."""
    numerator: float
    denominator: float
    value: float | None


def forecast(
    formula: Formula,
    numerator: float | None,
    denominator: float | None,
    trend: Sequence[Month],
    view: View,
    today: date,
    *,
    before: float | None,
    ahead: bool,
) -> tuple[float | None, str]:
    """The value at the view's end, and the assumption under which it holds.

    `before`: what a stock had reached when the view began; that is no pace of the view. `ahead`:
    the denominator is told for the whole view already, so that it grows no more.
    """
    if today > view.last:
        return value_of(formula, numerator, denominator), "kỳ đã hết: giá trị thực tế"
    if today < view.first:
        return None, "kỳ chưa bắt đầu"
    stock = formula.basis in STOCKS
    unknown = formula.measure != "percent" or (stock and before is None)
    if unknown or numerator is None or not denominator:
        return None, "không đủ số liệu để dự báo"
    left_days = (view.last - today).days
    if stock or (ahead and not trend):
        made = max(0, numerator - (before or 0)) / ((today - view.first).days + 1)
        said = "nhịp bình quân từ đầu kỳ giữ nguyên, mẫu số không đổi"
        return value_of(formula, min(denominator, numerator + made * left_days), denominator), said
    told = [month for month in trend if month.denominator]
    ended = [month for month in told if month.month < f"{today:%Y-%m}"]
    recent = ended[-_RECENT_MONTHS:] or told  # in the first month: what it has brought so far
    days = len(recent) * _DAYS_A_MONTH if ended else today.day
    ahead_of_them = left_days / max(1, days)
    more = sum(month.numerator for month in recent) * ahead_of_them
    whole = sum(month.denominator for month in recent) * ahead_of_them
    return value_of(formula, numerator + more, denominator + whole), (
        f"mỗi tháng còn lại như bình quân {len(recent)} tháng gần nhất"
        if recent
        else "tỷ lệ đến nay giữ nguyên"
    )
