"""What stands on a drawn paper: the truth that recognition is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from PIL import Image
from pydantic import BaseModel, ConfigDict

from deployments.samples.sheet import Placed

Outcome = Literal["archived", "review", "set_aside", "duplicate"]


class Fields(BaseModel):
    """Eight of the nine fields of TT 01/2023/TT-VPCP Đ9.2; the ninth, the type, is `type_id`.

    A field is None where the paper prints nothing for it. `title` and `subject` are as printed
    on one line, `subject` of a công văn without its "V/v"; `issuer` is in ordinary case.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str | None = None
    issue_date: date | None = None
    issuer: str | None = None
    title: str | None = None
    subject: str | None = None
    owner_id: str | None = None
    valid_until: date | None = None
    scope: str | None = None


class PageTruth(BaseModel):
    """One page: its printed lines in reading order, and how it lies in the scan.

    Of a two-column block the left column comes first. What pen and seal wrote is left out,
    except handwritten numbers and days.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    rotation: int = 0
    """Clockwise degrees by which the image is turned to stand upright."""
    blank: bool = False


class PaperTruth(BaseModel):
    """One paper: its type (None: of no known type), pages and fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type_id: str | None
    pages: tuple[PageTruth, ...]
    fields: Fields
    details: dict[str, str] = {}
    """The type's own fields, by their ids in the catalogue, as printed (days in ISO 8601)."""
    secrecy: str | None = None
    """The mark of secrecy (độ mật) that is stamped on it."""
    handwritten: bool = False
    """Whether number and day are written by hand."""


class FileTruth(BaseModel):
    """One file of a lot and what must become of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    outcome: Outcome
    reason: str | None = None
    """Why it is not archived: `truncated`, `encrypted`, `type`, `number`, or the first file's name
    for a duplicate."""
    dpi: int
    paper: PaperTruth
    """What stands on the paper, even where the file cannot be read."""


class LotTruth(BaseModel):
    """The truth of a whole lot, written as `truth.json` beside its files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lot: str
    seed: int
    edition: int
    """Changes whenever the generator draws other papers from the same seed."""
    files: tuple[FileTruth, ...]


@dataclass(frozen=True)
class DrawnPaper:
    """A paper as images (one per page, RGB or grey, `dpi` set) and what stands on it."""

    kind: str
    dpi: int
    pages: tuple[Image.Image, ...]
    truth: PaperTruth
    words: tuple[tuple[Placed, ...], ...] = ()
    """Every printed word of each page and its place, before wear: what a perfect reader reads."""
