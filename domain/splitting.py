"""Which papers a scan holds (tách giấy tờ): by ranges, cover sheets, separator sheets, or whole.

A sheet that only separates belongs to no paper; it stays in the scan's original. Nothing else is
left out: a page with a symbol and much text besides is a paper's own first page, and what does
not fit together becomes a remark that sends the paper to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.errors import DocumentFault
from domain.page_ranges import PageRanges
from domain.symbols import Cover, Symbol, cover_of, dossiers_in, is_patch_t
from domain.words import PageText

MOST_WORDS_ON_A_SHEET = 120
"""Our cover sheets have about 60 words; a page of text has 250 and more."""

KEPT_WHOLE = (
    "trang: tệp điện tử (đã ký số hoặc xuất từ phần mềm) được giữ nguyên nên không tách trang; "
    "nếu cần nhiều giấy tờ, tải lên từng tệp riêng"
)
"""Why a file that must keep its bytes is not divided."""
Symbols = Mapping[int, Sequence[Symbol]]
"""Page number → what was read on it."""


class PaperPlan(BaseModel):
    """One paper of a scan: its pages, what is known of it beforehand, what a person must look at.

    `type_id` is the type that a cover sheet names. Remarks are Vietnamese reasons for review.
    """

    model_config = ConfigDict(frozen=True)

    pages: tuple[int, ...]
    dossier: str | None = None
    unit: str | None = None
    type_id: str | None = None
    remarks: tuple[str, ...] = ()


class Said(NamedTuple):
    """What was said when the scan was uploaded."""

    unit: str | None = None
    dossier: str | None = None
    ranges: PageRanges | None = None


class _Group(NamedTuple):
    pages: tuple[int, ...] = ()
    cover: Cover | None = None
    behind_sheet: bool = False
    remarks: tuple[str, ...] = ()


def split_scan(
    pages: Sequence[PageText], symbols: Symbols, said: Said, *, on_blank: bool = False
) -> tuple[PaperPlan, ...]:
    """The papers of a scan of paper, in order; at least one.

    An operator's ranges override all; ranges that do not fit the scan are a remark on every
    paper found without them. `on_blank`: a blank page separates, too. Raises DocumentFault
    (`no_pages`) when there is nothing but separating sheets.
    """
    misfit: tuple[str, ...] = ()
    if said.ranges is not None:
        misfit = said.ranges.faults(len(pages))
        if not misfit:
            return _plans(_by_ranges(pages, symbols, said.ranges), symbols, said)
    groups = _by_sheets(pages, symbols, on_blank=on_blank)
    if not groups:
        raise DocumentFault(
            "no_pages",
            "Bản quét chỉ có tờ bìa, tờ ngăn hoặc trang trắng: kiểm tra khay giấy rồi quét lại.",
        )
    if misfit:
        remark = (f"trang: khoảng trang đã khai không khớp ({'; '.join(misfit)})",)
        groups = [group._replace(remarks=(*group.remarks, *remark)) for group in groups]
    return _plans(groups, symbols, said)


def keep_whole(pages: Sequence[PageText], symbols: Symbols, said: Said) -> tuple[PaperPlan, ...]:
    """One paper of all pages, for a file whose bytes must stay as they are (signed, born digital).

    Where ranges or sheets ask for a division, a remark says why there is none.
    """
    sheets = [page.page for page in pages if _is_sheet(page, symbols)]
    covers = [cover for page in pages if (cover := _cover(symbols.get(page.page, ())))]
    wanted = said.ranges is not None and (
        len(said.ranges.papers) > 1 or said.ranges.left_out or said.ranges.faults(len(pages))
    )
    remarks: tuple[str, ...] = ()
    if wanted or sheets:
        remarks = (KEPT_WHOLE,)
    group = _Group(
        pages=tuple(page.page for page in pages),
        cover=covers[0] if covers else None,
        remarks=remarks,
    )
    return _plans([group], symbols, said)


def _by_ranges(pages: Sequence[PageText], symbols: Symbols, ranges: PageRanges) -> list[_Group]:
    """A cover sheet inside a range still says what the paper is, but stays in it as named."""
    groups = []
    for first, last in ranges.papers:
        inside = tuple(page.page for page in pages if first <= page.page <= last)
        covers = [cover for page in inside if (cover := _cover(symbols.get(page, ())))]
        groups.append(_Group(pages=inside, cover=covers[0] if covers else None))
    return groups


def _by_sheets(pages: Sequence[PageText], symbols: Symbols, *, on_blank: bool) -> list[_Group]:
    groups = [_Group()]
    for page in pages:
        found = symbols.get(page.page, ())
        sheet = _is_sheet(page, symbols) or (on_blank and page.blank)
        if sheet or _separates(found):  # without being a sheet: a label stuck on a paper
            groups.append(_Group(cover=_cover(found), behind_sheet=True))
            if groups[-1].cover is None and not groups[-2].pages:
                groups.pop()  # sheets in a row are one separation; the cover sheet speaks
                groups[-1] = groups[-1]._replace(behind_sheet=True)
        if not sheet:
            groups[-1] = groups[-1]._replace(pages=(*groups[-1].pages, page.page))
    return _with_pages(groups, {page.page for page in pages if page.blank})


def _with_pages(groups: Sequence[_Group], blank: set[int]) -> list[_Group]:
    """The groups that are papers; blank pages alone behind a sheet are that sheet's back.

    A cover sheet without a paper is a remark on the paper after it (at the end: before it).
    """
    papers: list[_Group] = []
    orphans: tuple[str, ...] = ()
    for group in groups:
        if group.pages and not (group.behind_sheet and blank.issuperset(group.pages)):
            papers.append(group._replace(remarks=orphans))
            orphans = ()
        elif group.cover:
            orphans = (*orphans, _orphan(group.cover))
    if orphans and papers:
        papers[-1] = papers[-1]._replace(remarks=(*papers[-1].remarks, *orphans))
    return papers


def _orphan(cover: Cover) -> str:
    of_dossier = f" của hồ sơ {cover.dossier}" if cover.dossier else ""
    return (
        f"trang: tờ bìa{of_dossier} không có trang nào theo sau; kiểm tra xem có sót giấy tờ không"
    )


def _is_sheet(page: PageText, symbols: Symbols) -> bool:
    found = symbols.get(page.page, ())
    return _separates(found) and len(page.words) <= MOST_WORDS_ON_A_SHEET


def _separates(symbols: Sequence[Symbol]) -> bool:
    return _cover(symbols) is not None or any(map(is_patch_t, symbols))


def _cover(symbols: Sequence[Symbol]) -> Cover | None:
    found = (cover_of(symbol.text) for symbol in symbols if symbol.kind == "qr")
    return next((cover for cover in found if cover), None)


def _plans(groups: Sequence[_Group], symbols: Symbols, said: Said) -> tuple[PaperPlan, ...]:
    everywhere = _dossiers(symbols)
    return tuple(_plan(group, symbols, said, everywhere) for group in groups)


def _plan(group: _Group, symbols: Symbols, said: Said, everywhere: tuple[str, ...]) -> PaperPlan:
    """Bind a paper: its cover sheet, else the upload, else a code on it, else the scan's only one.

    A code on its pages that names another dossier than cover sheet or upload is a remark.
    """
    cover = group.cover or Cover()
    own = _dossiers({page: symbols.get(page, ()) for page in group.pages})
    bound = cover.dossier or said.dossier
    remarks = list(group.remarks)
    if cover.dossier and said.dossier and cover.dossier != said.dossier:
        remarks.append(
            f"hồ sơ: tờ bìa ghi {cover.dossier} nhưng khi tải lên khai {said.dossier}; "
            "đang gắn theo tờ bìa"
        )
    if bound is None:
        candidates = own or everywhere
        if len(candidates) == 1:
            bound = candidates[0]
        elif own:
            remarks.append(f"hồ sơ: mã trên giấy nêu nhiều hồ sơ ({', '.join(own)})")
    elif own and bound not in own:
        remarks.append(f"hồ sơ: mã trên giấy ghi {', '.join(own)} nhưng đang gắn với {bound}")
    return PaperPlan(
        pages=group.pages,
        dossier=bound,
        unit=cover.unit or said.unit,
        type_id=cover.type_id,
        remarks=tuple(remarks),
    )


def _dossiers(symbols: Symbols) -> tuple[str, ...]:
    """The dossiers that codes on papers name; cover sheets speak for their own paper only."""
    texts = (
        symbol.text for symbol in chain.from_iterable(symbols.values()) if not cover_of(symbol.text)
    )
    return tuple(dict.fromkeys(code for text in texts for code in dossiers_in(text)))
