"""What the sample lot holds, file by file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deployments.samples.papers import UNKNOWN_KIND
from deployments.samples.truth import Outcome

LOT = "lo-mau-2026"
EDITION = 1
"""Raise it whenever the same seed gives other papers, so that an older lot is drawn anew."""
PROVINCE, PROVINCE_UNIT, COMMUNE_UNIT = "Hưng Yên", "H31", "H31.12"
PASSWORD = "mat-khau-cua-nguoi-nop"  # noqa: S105 - the citizen's own; the project never uses it
SIGNING_AGENCY = "Cơ quan thử nghiệm (chữ ký mẫu, không có giá trị)"

Accident = Literal["cut", "encrypted", "signed"]


@dataclass(frozen=True)
class Scan:
    """One file to draw."""

    name: str
    kind: str
    dpi: int = 300
    colour: Literal["rgb", "grey"] = "rgb"
    pages: int | None = None
    districts: bool = False
    """Issued while there were districts, before July 2025."""
    unit: str | None = None
    dossier: str | None = None
    upside_down: bool = False
    blank_after: int | None = None
    """A blank page follows this page."""
    handwritten: bool = False
    accident: Accident | None = None
    outcome: Outcome = "archived"
    reason: str | None = None


def _province(ordinal: int) -> str:
    return f"000.00.00.{PROVINCE_UNIT}-261102-{ordinal:04}"


def _commune(ordinal: int) -> str:
    return f"000.00.12.{PROVINCE_UNIT}-261102-{ordinal:04}"


SCANS: tuple[Scan, ...] = (
    Scan("scan_0001.pdf", "quyet-dinh", pages=3),
    Scan("scan_0002.pdf", "ke-hoach", dpi=200, colour="grey", pages=3),
    Scan("scan_0003.tif", "to-trinh", dpi=200, pages=3, districts=True),
    Scan("scan_0004.pdf", "cong-van", pages=2),
    Scan("scan_0005.pdf", "bao-cao", dpi=240, colour="grey", pages=2, blank_after=1),
    Scan("scan_0006.pdf", "thong-bao", pages=2, districts=True, upside_down=True),
    Scan("IMG_20261102_0007.jpg", "giay-khai-sinh", dossier=_commune(1)),
    Scan("scan_0008.pdf", "trich-luc-khai-tu", dossier=_commune(2)),
    Scan(
        "scan_0009.png",
        "giay-chung-nhan-dang-ky-ho-kinh-doanh",
        dpi=200,
        colour="grey",
        dossier=_commune(3),
    ),
    Scan("scan_0010.pdf", "giay-phep-xay-dung", dossier=_commune(4)),
    Scan(
        "scan_0011.pdf",
        "giay-xac-nhan-tinh-trang-hon-nhan",
        dpi=200,
        districts=True,
        dossier=_commune(5),
    ),
    Scan(
        "scan_0012.pdf",
        "phieu-ly-lich-tu-phap",
        colour="grey",
        unit=PROVINCE_UNIT,
        dossier=_province(1),
    ),
    Scan(
        "scan_0013.pdf",
        "giay-chung-nhan-dang-ky-doanh-nghiep",
        unit=PROVINCE_UNIT,
        dossier=_province(2),
    ),
    Scan(
        "scan_0014.pdf",
        "giay-chung-nhan-dang-ky-ho-kinh-doanh",
        districts=True,
        dossier=_commune(6),
    ),
    Scan("scan_0015.pdf", "chi-thi", pages=2, accident="signed"),
    Scan(
        "scan_0016.pdf",
        "quyet-dinh",
        pages=2,
        districts=True,
        handwritten=True,
        outcome="review",
        reason="number",
    ),
    Scan("scan_0017.jpg", UNKNOWN_KIND, dpi=200, outcome="review", reason="type"),
    Scan(
        "scan_0018.pdf",
        "cong-van",
        pages=1,
        accident="cut",
        outcome="set_aside",
        reason="truncated",
    ),
    Scan(
        "scan_0019.pdf",
        "thong-bao",
        dpi=200,
        pages=1,
        accident="encrypted",
        outcome="set_aside",
        reason="encrypted",
    ),
)
DUPLICATES: dict[str, str] = {"scan_0020_quet_lai.pdf": "scan_0008.pdf"}
"""File → the file whose bytes it repeats; both carry the same dossier."""

OFFICER = {"name": "Nguyễn Văn An", "id": "CB001"}
SCANNED_AT = "2026-11-02T08:15:00+07:00"
FIGURES: tuple[tuple[str, str, int, str, int], ...] = (
    (PROVINCE_UNIT, "province", 2026, "dossiers_resolved", 5),
    (COMMUNE_UNIT, "commune", 2026, "dossiers_resolved", 12),
)
"""unit, level, year, indicator, value: what rates are counted against."""
