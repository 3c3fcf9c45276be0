"""The Times-metric font with full Vietnamese coverage in which papers are set."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from domain.errors import ConfigurationFault

POINTS_PER_INCH = 72
_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts"),
    Path("~/.fonts"),
    Path("/Library/Fonts"),
)


class Style(StrEnum):
    """A cut of Liberation Serif, named as the last part of its file name."""

    REGULAR = "Regular"
    BOLD = "Bold"
    ITALIC = "Italic"
    BOLD_ITALIC = "BoldItalic"


@lru_cache(maxsize=len(Style))
def font_file(style: Style) -> Path:
    """The file of this cut, looked for in the system's font folders.

    Debian's older `fonts-liberation` shares the file names but lacks Vietnamese letters, so
    folders of `liberation2` come first. Raises ConfigurationFault when the font is absent.
    """
    name = f"LiberationSerif-{style}.ttf"
    found = [path for folder in _FOLDERS for path in folder.expanduser().rglob(name)]
    if not found:
        raise ConfigurationFault(
            f"Không tìm thấy phông {name}: hãy cài gói fonts-liberation2 "
            "(apt-get install fonts-liberation2)."
        )
    return min(found, key=lambda path: ("liberation2" not in str(path), str(path)))


@lru_cache(maxsize=256)
def font(style: Style, size_pt: float, dpi: int) -> ImageFont.FreeTypeFont:
    """The font at a size in points on a page of `dpi` dots per inch."""
    # The basic engine needs no libraqm, and Vietnamese in normal form C needs no shaping.
    return ImageFont.truetype(
        str(font_file(style)),
        size_pt * dpi / POINTS_PER_INCH,
        layout_engine=ImageFont.Layout.BASIC,
    )


@lru_cache(maxsize=65536)
def width_pt(text: str, style: Style, size_pt: float) -> float:
    """The width of a text in points, the same at every resolution."""
    reference_dpi = 288
    length = font(style, size_pt, reference_dpi).getlength(text)
    return length * POINTS_PER_INCH / reference_dpi
