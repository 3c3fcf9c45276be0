"""Drawing one paper of any kind, clean or as a scan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from random import Random

from PIL import Image
from pydantic import BaseModel, ConfigDict

from catalogues import load_catalogue
from deployments.samples import (
    administrative,
    administrative_forms,
    civil_status,
    forms,
    letters,
    licences,
    marks,
)
from deployments.samples.degradation import Degradation, scanned
from deployments.samples.forms import Composed
from deployments.samples.layout import LEFT_CENTRE, Setting
from deployments.samples.people import DISTRICTS_ENDED, draw_date, draw_place
from deployments.samples.sheet import Sheet
from deployments.samples.truth import DrawnPaper, Fields, PageTruth, PaperTruth

_COMPOSERS: dict[str, Callable[[Sheet, Setting], Fields]] = {
    **{kind: partial(administrative.compose, kind) for kind in administrative.FORMS},
    "giay-khai-sinh": civil_status.birth,
    "trich-luc-khai-tu": civil_status.death,
    "giay-chung-nhan-ket-hon": civil_status.marriage,
    "giay-xac-nhan-tinh-trang-hon-nhan": civil_status.marital_status,
    "phieu-ly-lich-tu-phap": civil_status.criminal_record,
    "giay-chung-nhan-dang-ky-ho-kinh-doanh": licences.household_business,
    "giay-chung-nhan-dang-ky-doanh-nghiep": licences.enterprise,
    "giay-phep-xay-dung": licences.building_permit,
}

ADMINISTRATIVE_KINDS: tuple[str, ...] = tuple(administrative.FORMS)
"""Kinds whose number and day may be written by hand."""
KINDS: tuple[str, ...] = tuple(_COMPOSERS)
"""The ids of the document types that have a composer of their own."""
UNKNOWN_KIND = "thu-rieng"
"""A private letter: of no document type."""

SECRECY_WORDS = ("MẬT", "TỐI MẬT", "TUYỆT MẬT")
"""The three marks of secrecy (độ mật)."""

_FIRST_DAY, _LAST_DAY = date(2024, 1, 2), date(2026, 10, 30)


class Wish(BaseModel):
    """What is not left to chance: province, generation of agencies, length."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    province: str | None = None
    districts: bool | None = None
    """Issued while there were districts (before July 2025), or after; None: either."""
    pages: int | None = None
    """Pages of an administrative document; None: one to three."""
    secrecy: str | None = None
    """A mark of secrecy to be stamped under the letterhead."""
    secrecy_framed: bool = True
    any_authority: bool = False
    """An administrative document of a ministry, a court, the Party …, marked by who received it."""


ANYTHING = Wish()


def draw_paper(
    kind: str,
    *,
    seed: int,
    dpi: int = 300,
    degrade: Degradation | None = None,
    handwritten: bool = False,
    wish: Wish = ANYTHING,
) -> DrawnPaper:
    """A paper of a type of the catalogue (or `UNKNOWN_KIND`); the same arguments, the same paper.

    Without `degrade` the pages are clean RGB at `dpi`. `handwritten` writes number and day by
    hand (administrative kinds only). Raises ValueError for other kinds, and ConfigurationFault
    when the font is not installed.
    """
    if handwritten and kind not in ADMINISTRATIVE_KINDS:
        raise ValueError(f"no such paper: {kind} by hand")
    compose = _composer(kind)
    rng = Random(f"{kind}/{seed}")
    setting = _setting(rng, handwritten, wish)
    pen = Random(f"{kind}/{seed}/pen")

    def hand(page: Image.Image, text: str, left: float, baseline: float, size: float) -> None:
        marks.write_digits(page, text, left, baseline, size, rng=pen)

    sheet = Sheet(dpi, hand, numbered=kind in ADMINISTRATIVE_KINDS)
    fields, details = compose(sheet, setting)
    if wish.secrecy:
        rng = Random(f"{kind}/{seed}/secret")
        _stamp_secret(sheet, wish.secrecy, rng, framed=wish.secrecy_framed)
    wear = Random(f"{kind}/{seed}/wear")
    pages = [scanned(page, degrade, dpi, wear) if degrade else page for page in sheet.pages]
    rotation = degrade.rotation if degrade else 0
    truth = PaperTruth(
        type_id=None if kind == UNKNOWN_KIND else kind,
        pages=tuple(PageTruth(text="\n".join(rows), rotation=rotation) for rows in sheet.lines),
        fields=fields,
        details=details,
        secrecy=wish.secrecy,
        handwritten=handwritten,
    )
    words = tuple(tuple(placed) for placed in sheet.placed)
    return DrawnPaper(kind=kind, dpi=dpi, pages=tuple(pages), truth=truth, words=words)


def catalogue_kinds() -> tuple[str, ...]:
    """The ids of all document types of the built-in catalogue: each can be drawn."""
    return tuple(entry.id for entry in load_catalogue().types)


def _composer(kind: str) -> Callable[[Sheet, Setting], Composed]:
    """How papers of this kind are set: by a composer of their own, else from the catalogue."""
    if kind == UNKNOWN_KIND:
        return lambda sheet, setting: Composed(letters.private_letter(sheet, setting), {})
    if kind in _COMPOSERS:
        return lambda sheet, setting: Composed(_COMPOSERS[kind](sheet, setting), {})
    entry = load_catalogue().type(kind)
    if entry is None:
        raise ValueError(f"no such paper: {kind}")
    if entry.group == "administrative":
        return partial(administrative_forms.compose, entry)
    return partial(forms.compose, entry)


def _stamp_secret(sheet: Sheet, word: str, rng: Random, *, framed: bool) -> None:
    """Ô 10a of NĐ 30/2020/NĐ-CP Phụ lục I: left, under number and symbol."""
    where = (LEFT_CENTRE * sheet.scale, rng.uniform(152, 178) * sheet.scale)
    height = rng.uniform(10, 13) * sheet.scale
    marks.secrecy_stamp(sheet.pages[0], where, height, word, rng=rng, framed=framed)


def blank_page(dpi: int, degrade: Degradation, *, seed: int) -> Image.Image:
    """An empty A4 page as the scanner sees it."""
    sheet = Sheet(dpi, _write_nothing)
    return scanned(sheet.page, degrade, dpi, Random(f"blank/{seed}"))


def _write_nothing(
    _page: Image.Image, _text: str, _left: float, _baseline: float, _size: float
) -> None:
    """The hand of a page on which nothing is written."""


def _setting(rng: Random, handwritten: bool, wish: Wish) -> Setting:
    districts = rng.random() < 0.4 if wish.districts is None else wish.districts
    issued = (
        draw_date(rng, _FIRST_DAY, date(2025, 6, 27))
        if districts
        else draw_date(rng, DISTRICTS_ENDED, _LAST_DAY)
    )
    pages = rng.randrange(1, 4)
    return Setting(
        rng=rng,
        place=draw_place(rng, issued, wish.province),
        issued=issued,
        pages=wish.pages or pages,
        handwritten=handwritten,
        any_authority=wish.any_authority,
    )
