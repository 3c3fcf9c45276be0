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
_VALUES = ("person", "agency", "time", "code", "form", "number")
_PADDING_MM = 1.2
_DRAWN = VIETNAMESE_LETTERS + _OTHER_SIGNS


ProfileName = Literal["mot_cua_scan", "ban_sao_dien_tu", "luu_tru", "none"]


class AppearanceProfile(BaseModel):
    """A stamp on page 1: where it lies, how large it is, what its lines say.

    Lines are templates with {person} {agency} {time} {code} {form} {number}; a line whose values
    are all empty is left out. Lengths are millimetres, the font size is points.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    corner: Literal["top_left", "top_right", "bottom_left", "bottom_right", "none"]
    width_mm: float = Field(default=0, ge=0, le=200)
    height_mm: float = Field(default=0, ge=0, le=100)
    margin_mm: float = Field(default=3, ge=0, le=50)
    font_size_pt: float = Field(default=10, gt=0, le=40)
    lines: tuple[str, ...] = ()
    qr: bool = False
    """Whether a QR code is drawn in the stamp when the caller gives its content."""
    seal: Path | None = None
    """A PNG of the agency's red seal, drawn right of the text at its real size."""
    seal_width_mm: float = Field(default=0, ge=0, le=60)

    def texts(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The lines filled in, in Unicode NFC, with only characters that the font draws.

        Raises ConfigurationFault when a line asks for a value that does not exist.
        """
        known = {**dict.fromkeys(_VALUES, ""), **values}
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
                "{time} {code} {form} {number}."
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

LUU_TRU = AppearanceProfile(
    id="luu_tru",
    corner="top_right",
    width_mm=100,
    height_mm=12.5,
    lines=("{agency}", "Thời gian ký: {time}", "Mã: {code}"),
    qr=True,
)
"""The archive's stamp: red seal at real size, agency, time, top right of page 1 (TT 02/2019/
TT-BNV as reported by secondary sources). Without a seal picture only the text is shown."""

CHUNG_THUC = AppearanceProfile(
    id="chung_thuc",
    corner="bottom_right",
    width_mm=100,
    height_mm=13,
    font_size_pt=8,
    lines=("{form}; số chứng thực: {number}", "{agency}", "{person}", "Thời gian: {time}"),
)
"""The certifier's stamp on a certified copy, in the foot of page 1: the head has two already."""

INVISIBLE = AppearanceProfile(id="none", corner="none")
"""A signature that shows nothing on the page."""

_BUILT_IN = (MOT_CUA_SCAN, BAN_SAO_DIEN_TU, LUU_TRU, CHUNG_THUC, INVISIBLE)
PROFILES: Mapping[str, AppearanceProfile] = MappingProxyType(
    {profile.id: profile for profile in _BUILT_IN}
)
"""The built-in profiles by id."""


class AppearanceSettings(BaseModel):
    """Which profile each signature shows; the regulations differ, so it is configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    officer: ProfileName = "mot_cua_scan"
    """TT 01/2023/TT-VPCP Đ8: top left, who copied and when."""
    agency: ProfileName = "ban_sao_dien_tu"
    """NĐ 30/2020/NĐ-CP, Phụ lục I: top right, text only; or luu_tru with the red seal."""
    seal: Path | None = None
    """A PNG of the red seal for luu_tru."""
    seal_width_mm: float = Field(default=36, gt=5, le=60)
    """The seal's real width; 36 mm is a usual size, not verified: measure the seal."""
    qr: bool = True
    """Whether the agency's stamp carries a QR code (ISO/IEC 18004) of the paper's code."""

    def profile(self, role: Literal["officer", "agency"]) -> AppearanceProfile:
        """The profile of one signature, with seal and QR as configured.

        Raises ConfigurationFault when the seal cannot be read as a picture.
        """
        chosen = PROFILES[getattr(self, role)]
        qr = self.qr and chosen.qr and role == "agency"
        if chosen is not LUU_TRU or self.seal is None:
            return chosen.model_copy(update={"qr": qr})
        height = self.seal_width_mm * _height_part(self.seal) + 2 * _PADDING_MM
        return chosen.model_copy(
            update={
                "qr": qr,
                "seal": self.seal,
                "seal_width_mm": self.seal_width_mm,
                "height_mm": max(chosen.height_mm, height),
            }
        )


def _height_part(picture: Path) -> float:
    """A picture's height as a part of its width."""
    from PIL import Image  # slow to import

    try:
        with Image.open(picture) as opened:
            return opened.height / opened.width
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ConfigurationFault(
            f"Không đọc được hình dấu «{picture}»: cần tệp PNG; kiểm tra SOHOA_APPEARANCE__SEAL."
        ) from error


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
