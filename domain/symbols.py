"""Symbols printed on pages (mã vạch, mã QR), and what they say of the papers around them.

Three kinds matter. A cover sheet of ours (tờ bìa) carries `SOHOA1|dossier|type|unit`; a standard
separator sheet (tờ ngăn) carries PATCH T; a receipt or another paper issued by the one-stop-shop
system carries a code with its dossier among other values (TT 01/2023/TT-VPCP, article on QR).
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.dossiers import NEW_FORM, OLD_FORM
from domain.errors import Undecided
from domain.words import Box

SymbolKind = Literal["qr", "code128", "code39"]
COVER_MARK = "SOHOA1"
"""The first of a cover sheet's values; the figure is the version of the format."""
_VALUE_LENGTH, _UNIT_LENGTH = 80, 40
"""What the registry keeps."""
_VALUE = re.compile(r"[\w./()-]*")
_TYPE = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?")
_PATCH_T = "PATCHT"
_DOSSIER = re.compile(
    r"(?<![\w.-])"
    rf"({OLD_FORM}|{NEW_FORM})"
    r"(?![\w-])"
)


class Symbol(BaseModel):
    """One bar code or QR code as read."""

    model_config = ConfigDict(frozen=True)

    kind: SymbolKind
    text: str
    box: Box
    """Pixels of the page image as it is stored, before any rotation."""


class Cover(BaseModel):
    """What a cover sheet says of the paper behind it; None where it says nothing."""

    model_config = ConfigDict(frozen=True)

    dossier: str | None = None
    """Mã số hồ sơ."""
    type_id: str | None = None
    """The catalogue's id of the type of paper."""
    unit: str | None = None
    """Mã đơn vị tiếp nhận."""

    @property
    def text(self) -> str:
        """What the sheet's QR code holds; Undecided when a value cannot stand in it."""
        made = "|".join((COVER_MARK, self.dossier or "", self.type_id or "", self.unit or ""))
        if cover_of(made) != self:
            raise Undecided(
                "Mã hồ sơ, loại hoặc đơn vị không in được lên tờ bìa: chỉ dùng chữ, số và . - / ( )"
            )
        return made


def cover_of(text: str) -> Cover | None:
    """What a cover sheet's QR code says; None when it is none, or damaged beyond trust.

    Missing values at the end and further values of later versions do no harm.
    """
    mark, *values = text.strip().split("|")
    if mark != COVER_MARK:
        return None
    dossier, type_id, unit = [*(value.strip() for value in values), "", "", ""][:3]
    sound = _TYPE.fullmatch(type_id) and all(map(_VALUE.fullmatch, (dossier, unit)))
    if not sound or max(len(dossier), len(type_id)) > _VALUE_LENGTH or len(unit) > _UNIT_LENGTH:
        return None
    return Cover(dossier=dossier or None, type_id=type_id or None, unit=unit or None)


def is_patch_t(symbol: Symbol) -> bool:
    """Whether this is the text of a PATCH T separator sheet, in Code 128 or Code 39."""
    folded = "".join(char for char in symbol.text.upper() if char.isalnum())
    return symbol.kind != "qr" and folded == _PATCH_T


def dossiers_in(text: str) -> tuple[str, ...]:
    """The dossier codes (mã số hồ sơ, both generations) among a symbol's values, each once.

    The order of the values is not settled by any text we have seen, so the pattern decides. The
    code of a result (`‹mã hồ sơ›-KQ(n)`) names the dossier that made it, not the one at hand.
    """
    return tuple(dict.fromkeys(_DOSSIER.findall(text)))
