"""Is a page fit to be kept before the paper goes back to the citizen? Seen without reading it.

Each problem names the page and says what to do at the scanner. Nothing here needs OCR: one page
takes well under a second.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from domain.words import PageProblem
from reading.faults import foreign_bytes
from reading.opened import OpenedPage
from reading.page_look import ink_of, lean_of, shows_nothing, small_grey, solid_ink
from reading.picture import load_picture
from reading.sharpness import cut_sides, edge_width_mm, light_of

POINTS_PER_INCH = 72.0

ProblemReason = Literal[
    "low_resolution",
    "blur",
    "too_dark",
    "too_light",
    "cut_edge",
    "upside_down",
    "sideways",
    "blank",
    "missing_pages",
    "extra_pages",
]

_MESSAGES: dict[ProblemReason, str] = {
    "low_resolution": "Trang {page} chỉ có {dpi} dpi: đặt máy từ {least} dpi trở lên, quét lại.",
    "blur": "Trang {page} mờ: lau mặt kính, ép phẳng giấy rồi quét lại.",
    "too_dark": "Trang {page} quá tối: tăng độ sáng hoặc đậy nắp máy rồi quét lại.",
    "too_light": "Trang {page} chữ quá nhạt: giảm độ sáng, tăng độ tương phản rồi quét lại.",
    "cut_edge": "Trang {page} bị cắt mép {sides}: đặt lại giấy cho trọn trang rồi quét lại.",
    "upside_down": "Trang {page} lộn ngược: xoay giấy nửa vòng rồi quét lại.",
    "sideways": "Trang {page} nằm ngang: xoay giấy cho chữ đứng thẳng rồi quét lại.",
    "blank": "Trang {page} trắng: nếu mặt giấy có chữ thì lật giấy rồi quét lại.",
    "missing_pages": "Thiếu trang: khai {expected} trang, tệp có {found}; quét thêm cho đủ.",
    "extra_pages": "Thừa trang: khai {expected} trang, tệp có {found}; kiểm tra lại rồi tải lên.",
}


class QualitySettings(BaseModel):
    """From where on a page is named; resolutions in dpi, lengths in mm, light in levels of 255."""

    model_config = ConfigDict(frozen=True)

    least_dpi: float = Field(default=200.0, gt=0)
    """What reading and TT 01/2023/TT-VPCP's two-layer copies need."""
    dpi_tolerance: float = Field(default=0.97, gt=0, le=1)
    """Scanners round paper sizes: 198 dpi is 200."""
    widest_edge_mm: float = Field(default=0.42, gt=0)
    """Sharp scans have 0.1-0.2; from 0.45 on, 4-7 % of the words are read wrongly, then more."""
    darkest_paper: float = Field(default=120.0, ge=0, le=255)
    least_contrast: float = Field(default=70.0, ge=0, le=255)
    least_up: float = Field(default=-0.25, ge=-1, le=1)
    """How much more ink must hang below the lines than stand above for a page on its head."""
    least_across: float = Field(default=0.5, gt=0)


DEFAULT_QUALITY = QualitySettings()


class Problem(BaseModel):
    """One thing that is wrong, and what to do about it, in Vietnamese."""

    model_config = ConfigDict(frozen=True)

    reason: str
    """One of `ProblemReason`, or the reason why the file cannot be opened at all."""
    message: str
    blocking: bool = True
    """False: said, but the scan is fit all the same (a blank back side)."""


class PageVerdict(BaseModel):
    """What was found on one page; no problems: fit."""

    model_config = ConfigDict(frozen=True)

    page: int
    """From 1."""
    dpi: int
    problems: tuple[Problem, ...] = ()


def check_page(image: Path, page: OpenedPage, settings: QualitySettings) -> PageVerdict:
    """The verdict on one opened page; pages that bring their own text have nothing to check.

    Raises DocumentFault `damaged` when the stored image cannot be decoded.
    """
    if page.words is not None:
        return PageVerdict(page=page.page, dpi=round(page.dpi))
    with foreign_bytes("damaged"):
        picture = load_picture(image, page)
    grey = picture.grey
    if page.rotation:
        grey = grey.rotate(-page.rotation, expand=True)
    dpi = _dpi(page)
    found = tuple(_problems(grey, dpi / picture.factor, page, settings))
    return PageVerdict(page=page.page, dpi=round(dpi), problems=found)


def flaws(
    grey: Image.Image, dpi: float, page: OpenedPage, settings: QualitySettings
) -> tuple[PageProblem, ...]:
    """What makes the picture of a page worth scanning again, whichever way up it lies."""
    found = _seen(grey, small_grey(grey, dpi), dpi, page, settings)
    return tuple(
        PageProblem(reason=problem.reason, message=problem.message)
        for problem in found
        if problem.blocking
    )


def check_count(found: int, expected: int | None) -> tuple[Problem, ...]:
    """Whether there are as many pages as were declared; nothing declared, nothing missed."""
    if expected is None or found == expected:
        return ()
    reason: ProblemReason = "missing_pages" if found < expected else "extra_pages"
    return (_problem(reason, expected=expected, found=found),)


def _dpi(page: OpenedPage) -> float:
    """The lower of the stored image's two resolutions."""
    return min(page.dpi, page.height / page.height_pt * POINTS_PER_INCH)


def _problems(
    grey: Image.Image, dpi: float, page: OpenedPage, settings: QualitySettings
) -> list[Problem]:
    small = small_grey(grey, dpi)
    found = _seen(grey, small, dpi, page, settings)
    if {problem.reason for problem in found} & {"too_light", "blank"}:
        return found
    return [*found, *_wrong_way(small, page.page, settings)]


def _seen(
    grey: Image.Image, small: Image.Image, dpi: float, page: OpenedPage, settings: QualitySettings
) -> list[Problem]:
    number, received = page.page, _dpi(page)
    light = light_of(small)
    found: list[Problem] = []
    low = received < settings.least_dpi * settings.dpi_tolerance
    if low:
        found.append(
            _problem(
                "low_resolution", page=number, dpi=round(received), least=round(settings.least_dpi)
            )
        )
    if light.paper < settings.darkest_paper:
        found.append(_problem("too_dark", page=number))
    if light.writing and light.contrast < settings.least_contrast:
        return [*found, _problem("too_light", page=number)]
    if shows_nothing(solid_ink(ink_of(small))):
        blank = _problem("blank", page=number).model_copy(update={"blocking": False})
        return [*found, blank]
    if not low and edge_width_mm(grey, dpi) > settings.widest_edge_mm:
        found.append(_problem("blur", page=number))
    if sides := cut_sides(small):
        found.append(_problem("cut_edge", page=number, sides=", ".join(sides)))
    return found


def _wrong_way(small: Image.Image, number: int, settings: QualitySettings) -> list[Problem]:
    lean = lean_of(small, 5.0)
    if 0 < lean.across < settings.least_across:
        return [_problem("sideways", page=number)]
    if lean.across >= 1 and lean.up < settings.least_up:
        return [_problem("upside_down", page=number)]
    return []


def _problem(reason: ProblemReason, **facts: object) -> Problem:
    return Problem(reason=reason, message=_MESSAGES[reason].format(**facts))
