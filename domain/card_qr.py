"""The QR code of the citizen's card (thẻ căn cước công dân, căn cước): seven fields or more.

`số | số CMND cũ | họ tên | ngày sinh ddMMyyyy | giới tính | nơi thường trú | ngày cấp ddMMyyyy`,
UTF-8. The card of 2024 may carry more fields behind these; they are left alone.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.identifiers import identifier_faults
from domain.vietnamese import fold, nfc

_FEWEST_FIELDS = 7
_NUMBER = re.compile(r"0[0-9]{11}")
_OLD_NUMBER = re.compile(r"([0-9]{9})?")
_SEXES: dict[str, Literal["Nam", "Nữ"]] = {"nam": "Nam", "nu": "Nữ"}


class CardQr(BaseModel):
    """What a card's QR code says of its holder. Personal data: never logged."""

    model_config = ConfigDict(frozen=True)

    number: str
    old_number: str
    """Số CMND, nine digits, or empty."""
    name: str
    born: date
    sex: Literal["Nam", "Nữ"]
    address: str
    issued: date | None
    """None where the card's field is empty."""


def parse_card_qr(text: str) -> CardQr | None:
    """The card's fields, or None when the text is no such code."""
    parts = [nfc(part).strip() for part in text.split("|")]
    if len(parts) < _FEWEST_FIELDS or not _NUMBER.fullmatch(parts[0]):
        return None
    number, old_number, name, born, sex, address, issued = parts[:_FEWEST_FIELDS]
    day, given, gender = _day(born), _day(issued), _SEXES.get(fold(sex))
    if day is None or gender is None or not name or not _OLD_NUMBER.fullmatch(old_number):
        return None
    if issued and given is None:
        return None
    return CardQr(
        number=number,
        old_number=old_number,
        name=name,
        born=day,
        sex=gender,
        address=address,
        issued=given,
    )


def card_faults(card: CardQr, *, today: date) -> tuple[str, ...]:
    """Vietnamese reasons why the code contradicts itself; empty when it does not."""
    faults = list(
        identifier_faults(card.number, today=today, born=card.born, female=card.sex == "Nữ")
    )
    if card.born > today:
        faults.append("ngày sinh trong mã QR ở tương lai")
    if card.issued is not None and not card.born <= card.issued <= today:
        faults.append("ngày cấp trong mã QR trước ngày sinh hoặc ở tương lai")
    return tuple(faults)


def _day(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{8}", text):
        return None
    try:
        return datetime.strptime(text, "%d%m%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
