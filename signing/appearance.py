"""What a signature shows on the first page: profiles, because the regulations differ."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import ConfigurationFault

FONT_FILE = "LiberationSerif-Regular.ttf"
_FONT_PLACES = (
    Path("/usr/share/fonts/truetype/liberation2"),
    Path("/usr/share/fonts/truetype/liberation"),
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
)
VIETNAMESE_LETTERS = (
    "ABCDEGHIKLMNOPQRSTUVXYabcdeghiklmnopqrstuvxyFJWZfjwz0123456789"
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
)
_OTHER_SIGNS = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~§°«»·×–—‘’“”•…№₫"
_UNITS_PER_EM = 1000
_DRAWN = VIETNAMESE_LETTERS + _OTHER_SIGNS


class AppearanceProfile(BaseModel):
    """A stamp on page 1: where it lies, how large it is, what its lines say.

    Lines are templates with {person} {agency} {time} {code} {form}; a line whose values are
    all empty is left out. Lengths are millimetres, the font size is points.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    corner: Literal["top_left", "top_right", "none"]
    width_mm: float = Field(default=0, ge=0, le=200)
    height_mm: float = Field(default=0, ge=0, le=100)
    margin_mm: float = Field(default=3, ge=0, le=50)
    font_size_pt: float = Field(default=10, gt=0, le=40)
    lines: tuple[str, ...] = ()
    qr: bool = False
    """Whether a QR code is drawn in the stamp when the caller gives its content."""

    def texts(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The lines filled in, in Unicode NFC, with only characters that the font draws.

        Raises ConfigurationFault when a line asks for a value that does not exist.
        """
        known = {"person": "", "agency": "", "time": "", "code": "", "form": "", **values}
        try:
            filled = (
                line.format(**known)
                for line in self.lines
                if any(known[name] for name in _placeholders(line)) or not _placeholders(line)
            )
            return tuple(_drawable(line) for line in filled)
        except (KeyError, IndexError, ValueError) as error:
            raise ConfigurationFault(
                f"Mẫu hiển thị chữ ký «{self.id}» sai: {error}; chỉ dùng {{person}} {{agency}} "
                "{time} {code} {form}."
            ) from error


MOT_CUA_SCAN = AppearanceProfile(
    id="mot_cua_scan",
    corner="top_left",
    width_mm=86,
    height_mm=12.5,
    lines=("Người sao chụp: {person}", "{agency}", "Thời gian sao chụp: {time}"),
)
"""The officer's stamp: name of the copier and time of copying, top left (TT 01/2023 Đ8.1)."""

BAN_SAO_DIEN_TU = AppearanceProfile(
    id="ban_sao_dien_tu",
    corner="top_right",
    width_mm=100,
    height_mm=12.5,
    lines=("{form} {agency}", "Thời gian ký: {time}", "Mã: {code}"),
    qr=True,
)
"""The agency's stamp: form, name, time with offset; upright, 10 pt, black, no picture, top
right of page 1 (NĐ 30/2020/NĐ-CP, Phụ lục I)."""

INVISIBLE = AppearanceProfile(id="none", corner="none")
"""A signature that shows nothing on the page."""

PROFILES: Mapping[str, AppearanceProfile] = MappingProxyType(
    {profile.id: profile for profile in (MOT_CUA_SCAN, BAN_SAO_DIEN_TU, INVISIBLE)}
)
"""The built-in profiles by id."""


def _placeholders(line: str) -> tuple[str, ...]:
    from string import Formatter  # only here

    return tuple(name for _, name, _, _ in Formatter().parse(line) if name)


def _drawable(text: str) -> str:
    """One line in NFC; a character outside the embedded letters becomes a question mark.

    PDF/A forbids showing the "missing" glyph (ISO 19005-2, 6.2.11.8).
    """
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(letter if letter in _DRAWN else _plain(letter) for letter in composed)


def _plain(letter: str) -> str:
    bare = unicodedata.normalize("NFKD", letter)[:1]
    return bare if bare and bare in _DRAWN else "?"


@lru_cache(maxsize=1)
def find_font() -> Path:
    """Liberation Serif Regular, whose widths are those of Times New Roman.

    Guarantees that it has all Vietnamese letters. Raises ConfigurationFault naming the Debian
    package otherwise (`fonts-liberation2`; the older `fonts-liberation` has not all letters).
    """
    for place in _FONT_PLACES:
        for candidate in sorted(place.rglob(FONT_FILE)) if place.is_dir() else ():
            if not missing_letters(candidate):
                return candidate
    raise ConfigurationFault(
        f"Không tìm thấy phông {FONT_FILE} có đủ chữ tiếng Việt; hãy cài gói fonts-liberation2."
    )


def missing_letters(font: Path) -> str:
    """The Vietnamese letters that this font file cannot draw; empty when it has all."""
    from fontTools.ttLib import TTFont, TTLibError  # slow to import

    try:
        with TTFont(font, lazy=True) as opened:
            covered = opened.getBestCmap() or {}
    except (TTLibError, OSError):
        return VIETNAMESE_LETTERS
    return "".join(letter for letter in VIETNAMESE_LETTERS if ord(letter) not in covered)


@lru_cache(maxsize=1)
def stamp_font() -> bytes:
    """A TrueType font with just the letters that stamps use, 1000 units per em, made once.

    pyHanko writes glyph widths in the font's own units, PDF reads them as thousandths
    (ISO 32000-1, 9.7.4.3); a font of 1000 units per em is right either way.

    Each signature embeds its own subset of this one; cutting that from the whole font every
    time would take ten times as long.
    """
    from io import BytesIO

    from fontTools import subset  # slow to import
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.scaleUpem import scale_upem

    options = subset.Options(hinting=False, layout_features=[], name_IDs=[6], notdef_outline=True)
    options.drop_tables += ["FFTM", "GPOS", "GSUB", "GDEF"]
    cutter = subset.Subsetter(options=options)
    cutter.populate(text=_DRAWN)
    with TTFont(find_font()) as font:
        covered = font.getBestCmap() or {}
        cutter.subset(font)
        scale_upem(font, _UNITS_PER_EM)
        target = BytesIO()
        font.save(target)
    absent = [sign for sign in _OTHER_SIGNS if ord(sign) not in covered]
    if absent:
        raise ConfigurationFault(
            f"Phông {find_font()} thiếu ký hiệu {' '.join(absent)}; hãy cài gói fonts-liberation2."
        )
    return target.getvalue()
