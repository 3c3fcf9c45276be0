"""Codes of dossiers (mã số hồ sơ thủ tục hành chính), of both generations.

TT 01/2018/TT-VPCP Đ19: `000.00.16.H58-210928-0001` – agency by QCVN 102:2016 (lowest level first),
day of receipt, ordinal of that day. Since 2026 `G09.20-20260609-0092637` is seen: identifier by
QĐ 20/2020 (highest level first), whole date, longer ordinal; its rule was not found, so its length
is not checked beyond what was seen.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

OLD_FORM = r"\d{3}\.\d{2}\.\d{2}\.[A-K]\d{2}-\d{6}-\d{4}"
NEW_FORM = r"[A-K]\d{2}(?:\.\d{1,4})*-\d{8}-\d{4,7}"
_OLD = re.compile(OLD_FORM, re.ASCII)
_NEW = re.compile(NEW_FORM, re.ASCII)
_NOBODY = re.compile("0+")


class DossierCode(BaseModel):
    """The parts of a dossier code."""

    model_config = ConfigDict(frozen=True)

    form: Literal["2018", "2026"]
    unit: str
    """The agency that received it, highest level first (H58.16), whatever the code's own order."""
    received: date
    ordinal: int


def parse_dossier_code(text: str) -> DossierCode | None:
    """The parts of a code in either form; None for anything else or an impossible day."""
    if _OLD.fullmatch(text):
        form: Literal["2018", "2026"] = "2018"
        agency, day, ordinal = text.split("-")
        parts = [p for p in reversed(agency.split(".")) if not _NOBODY.fullmatch(p)]
        unit, pattern = ".".join(parts), "%y%m%d"
    elif _NEW.fullmatch(text):
        form = "2026"
        unit, day, ordinal = text.split("-")
        pattern = "%Y%m%d"
    else:
        return None
    try:
        received = datetime.strptime(day, pattern).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    return DossierCode(form=form, unit=unit, received=received, ordinal=int(ordinal))


def dossier_faults(text: str, *, today: date) -> tuple[str, ...]:
    """Vietnamese reasons why this cannot be the code of a dossier; empty when none is found."""
    if not (_OLD.fullmatch(text) or _NEW.fullmatch(text)):
        return (f"«{text}» không đúng dạng mã số hồ sơ",)
    code = parse_dossier_code(text)
    if code is None:
        return (f"mã hồ sơ «{text}» có ngày tiếp nhận không tồn tại",)
    faults = []
    if code.received > today:
        faults.append(f"mã hồ sơ «{text}» có ngày tiếp nhận ở tương lai")
    if code.ordinal == 0:
        faults.append(f"mã hồ sơ «{text}» có số thứ tự 0")
    return tuple(faults)
