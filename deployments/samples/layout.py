"""The parts that papers of all kinds share: header, signer block, seal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deployments.samples import marks
from deployments.samples.fonts import Style
from deployments.samples.people import DISTRICTS_ENDED, Place, draw_name
from deployments.samples.sheet import LEFT, PAGE_WIDTH, Row, Sheet
from deployments.samples.wording import day_month_year

LEFT_CENTRE, RIGHT_CENTRE = 172.0, 408.0
SEAL_DIAMETER = 102.0
"""36 mm, in points."""
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
_NOTE_SHARE, _STAMP_SHARE = 0.5, 0.35
PARTY = "ĐẢNG CỘNG SẢN VIỆT NAM"


@dataclass(frozen=True)
class Setting:
    """Everything about a paper that is drawn before its text: dice, place, day, length."""

    rng: Random
    place: Place
    issued: date
    pages: int
    """The number of pages that an administrative document is filled to."""
    handwritten: bool = False
    any_authority: bool = False
    """Issued by any authority (`authorities`), not only by committees and departments."""

    @property
    def reformed(self) -> bool:
        """Whether the paper was issued after the districts ended."""
        return self.issued >= DISTRICTS_ENDED

    def by_hand(self, digits: str) -> str:
        """The digits, marked as handwritten where the paper is filled in by hand."""
        return f"~~{digits}~~" if self.handwritten else digits


@dataclass(frozen=True)
class Agency:
    """Who issues a paper: the lines of its letterhead, and its names elsewhere."""

    head: tuple[str, ...]
    """Upper lines, set plain: the parent agency."""
    own: tuple[str, ...]
    """Lower lines, set bold: the agency itself."""
    name: str
    """In ordinary case, as a record names it."""
    symbol: str
    """What ends a document's number: UBND, SNV …"""
    place: str
    """What stands before the date."""
    area: str
    """In running text: `tỉnh Hưng Yên`."""
    signer: tuple[str, ...]
    """Lines over the signature."""
    seal: tuple[str, str]
    """Text around the seal, text in its middle."""
    units: tuple[str, ...] = ()
    """What may end the number of its letters; empty: the usual ones."""
    party: bool = False
    """Of the Party: no national name, and numbers like 12-CV/TU."""


def letterhead(sheet: Sheet, setting: Setting, agency: Agency, below: Sequence[Row]) -> None:
    """Set the two-column header of NĐ 30/2020/NĐ-CP; `below` stands under the agency's name."""
    top = sheet.y - 16
    own = [Row(line, 12.5, Style.BOLD) for line in agency.own]
    own[-1] = Row(agency.own[-1], 12.5, Style.BOLD, rule=66)
    star = [Row("*", 13, Style.BOLD)] if agency.party else []
    left = [*(Row(line, 12.5) for line in agency.head), *own, *star, *below]
    spoken_day = setting.by_hand(f"{setting.issued.day:02}")
    nation = [Row(NATION, 12.5, Style.BOLD), Row(MOTTO, 13.5, Style.BOLD, rule=164)]
    right = [
        *([Row(PARTY, 14, Style.BOLD, rule=190)] if agency.party else nation),
        Row(
            f"{agency.place}, {day_month_year(setting.issued, spoken_day=spoken_day)}",
            13.5,
            Style.ITALIC,
            space=8,
        ),
    ]
    ends = (sheet.block(left, LEFT_CENTRE, top), sheet.block(right, RIGHT_CENTRE, top))
    sheet.y = max(ends) + 20


def centred_head(sheet: Sheet) -> None:
    """Set nation and motto over the whole width, as on forms of civil status."""
    rows = [Row(NATION, 13, Style.BOLD), Row(MOTTO, 13.5, Style.BOLD, rule=166)]
    sheet.y = sheet.block(rows, PAGE_WIDTH / 2, sheet.y - 8) + 20


def signed_off(
    sheet: Sheet, setting: Setting, agency: Agency, left: Sequence[Row], *, signer: Sequence[str]
) -> None:
    """Set the rows on the left and, beside them, the signer, the signature and the seal."""
    sheet.room(196)
    top = sheet.y + 6
    rng = setting.rng
    end = sheet.block(left, 0, top, left=LEFT) if left else top
    y = sheet.block([Row(line, 13, Style.BOLD) for line in signer], RIGHT_CENTRE, top)
    name = draw_name(rng, female=rng.random() < 0.35)
    below = sheet.block([Row(name, 13.5, Style.BOLD)], RIGHT_CENTRE, y + 84)
    _sign_and_seal(sheet, setting, agency, y + 44)
    sheet.y = max(end, below) + 10


def _sign_and_seal(sheet: Sheet, setting: Setting, agency: Agency, middle: float) -> None:
    rng, scale = setting.rng, sheet.scale
    width = rng.uniform(80, 104)
    marks.sign(sheet.page, (RIGHT_CENTRE * scale, middle * scale), width * scale, rng)
    # The seal covers about a third of the signature, on its left side (NĐ 30/2020/NĐ-CP).
    centre = RIGHT_CENTRE - width / 2 + width / 3 - SEAL_DIAMETER / 2
    around, inside = agency.seal
    marks.stamp(
        sheet.page,
        (centre * scale, (middle + rng.uniform(-6, 6)) * scale),
        SEAL_DIAMETER * scale,
        around,
        inside,
        rng=rng,
    )


def marks_of_others(sheet: Sheet, setting: Setting) -> None:
    """What stands on papers besides their own text: a signer's note, a receiver's stamp."""
    rng, scale = setting.rng, sheet.scale
    if rng.random() < _NOTE_SHARE:
        signed = f"Thời gian ký: {setting.issued:%d.%m.%Y} 16:{rng.randrange(10, 60)}:31 +07:00"
        rows = [Row("Người ký: Văn phòng", 8), Row("Cơ quan: Văn thư", 8), Row(signed, 8)]
        sheet.block(rows, 0, 8, left=rng.choice((30, 400)))
    if rng.random() < _STAMP_SHARE:
        centre = rng.choice(((150 * scale, 222 * scale), (296 * scale, 34 * scale)))
        number = str(rng.randrange(100, 4000))
        day = f"{setting.issued + timedelta(days=rng.randrange(1, 6)):%d/%m/%Y}"
        marks.incoming_stamp(sheet.page, centre, 105 * scale, number, day, rng=rng)
