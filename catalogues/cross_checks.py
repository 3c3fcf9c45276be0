"""What no single entry can show: references, codes used twice, titles that cannot be told apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from catalogues.faults import Fault
from catalogues.files import Row
from domain.catalogue import Catalogue
from domain.document_types import DocumentType
from domain.procedures import NOT_DIGITIZED_FORMS, Decision
from domain.units import LAST_DAY_OF, Dated, Unit
from domain.vietnamese import fold

NATIONAL_CODE = re.compile(r"KQ\.[A-K]\d{2}\.\d{6}")
"""A type's code in the national database of procedures (domain notes C.4)."""
_CONFUSABLE = 92.0
"""Likeness of folded titles, in percent, from which OCR faults may turn one into the other."""
_ONE_LETTER = 1
"""Letters by which short titles differ that are as easily confused: ĐỀ ÁN, DỰ ÁN."""
_ID_KINDS = frozenset({"person_id", "tax_number", "identifier"})
_RANKS = {"province": 0, "district": 1, "commune": 2}

Rows = Mapping[tuple[str, str], Row]
Report = Callable[[str, str, str, str], Fault]


class Confusable(NamedTuple):
    """Two types whose printed titles OCR may take for one another."""

    first: str
    second: str
    titles: tuple[str, str]
    likeness: float
    """Percent, diacritics and case ignored."""


def cross_faults(catalogue: Catalogue, rows: Rows) -> Iterator[Fault]:
    """Every mistake between entries, at the entry and key where it can be mended."""

    def report(kind: str, entry: str, message: str, key: str) -> Fault:
        return rows[kind, entry].fault(message, key)

    yield from _types(catalogue, report)
    yield from _units(catalogue, report)
    yield from _agencies(catalogue, report)
    yield from _procedures(catalogue, report)
    yield from _decisions(catalogue, report)


def confusable_titles(catalogue: Catalogue) -> list[Confusable]:
    """Pairs of types with nearly equal titles, the most alike first. No mistakes: to be known.

    A title that begins another one is left out: the longer one wins where it is printed.
    """
    titles = [(entry, title, fold(title)) for entry in catalogue.types for title in entry.titles]
    found: dict[tuple[str, str], Confusable] = {}
    for (one, title, folded), (two, other, other_folded) in combinations(titles, 2):
        if one.id == two.id or folded.startswith(other_folded) or other_folded.startswith(folded):
            continue
        likeness = fuzz.ratio(folded, other_folded)
        best = found.get((one.id, two.id))
        near = likeness >= _CONFUSABLE or Levenshtein.distance(folded, other_folded) <= _ONE_LETTER
        if near and (best is None or likeness > best.likeness):
            found[one.id, two.id] = Confusable(one.id, two.id, (title, other), likeness)
    return sorted(found.values(), key=lambda pair: -pair.likeness)


def _types(catalogue: Catalogue, report: Report) -> Iterator[Fault]:
    owners: dict[tuple[str, str], DocumentType] = {}
    classes = {entry.id for entry in catalogue.retention}
    agencies = {entry.id for entry in catalogue.agencies}
    for entry in catalogue.types:
        if entry.code and not NATIONAL_CODE.fullmatch(entry.code):
            wrong = f"mã «{entry.code}» không đúng dạng KQ.Gxx.nnnnnn"
            yield report("types", entry.id, wrong, "code")
        unique = [("code", entry.code), ("symbol", entry.symbol)]
        unique += [("titles", title.upper()) for title in entry.titles]
        for key, value in unique:
            other = owners.setdefault((key, value), entry) if value else entry
            if other is not entry:
                twice = f"«{value}» dùng cho nhiều loại giấy tờ: cũng là của «{other.id}»"
                yield report("types", entry.id, twice, key)
        if entry.retention not in classes:
            unknown = f"không có thời hạn lưu trữ «{entry.retention}»"
            yield report("types", entry.id, unknown, "retention")
        for agency in entry.issuers:
            if agency not in agencies:
                yield report("types", entry.id, f"không có cơ quan «{agency}»", "issuers")
        owner = entry.field(entry.owner)
        if owner is not None and owner.kind not in _ID_KINDS:
            wrong = f"owner «{owner.id}» phải là trường số định danh, không phải «{owner.kind}»"
            yield report("types", entry.id, wrong, "owner")


def _units(catalogue: Catalogue, report: Report) -> Iterator[Fault]:
    last = LAST_DAY_OF["district"]
    for unit in catalogue.units:
        parent = catalogue.unit(unit.parent)
        if unit.parent is not None and parent is None:
            missing = f"không có đơn vị cấp trên «{unit.parent}»"
            yield report("units", unit.id, missing, "parent")
        elif parent is not None and _RANKS[parent.level] >= _RANKS[unit.level]:
            wrong = f"đơn vị cấp trên «{parent.id}» không ở cấp cao hơn"
            yield report("units", unit.id, wrong, "parent")
        elif parent is not None and not _meet(unit, parent):
            never = f"không có ngày nào cùng tồn tại với đơn vị cấp trên «{parent.id}»"
            yield report("units", unit.id, never, "parent")
        if unit.level == "district" and last and (unit.valid_until or last) > last:
            late = f"cấp huyện đã kết thúc ngày {last:%d/%m/%Y}"
            yield report("units", unit.id, late, "valid_until")
        if unit.level == "district" and unit.valid_until is None:
            open_end = f"cấp huyện phải có valid_until, muộn nhất {last}"
            yield report("units", unit.id, open_end, "level")
        yield from _predecessors("units", unit, catalogue.unit, report)


def _agencies(catalogue: Catalogue, report: Report) -> Iterator[Fault]:
    for agency in catalogue.agencies:
        for former in agency.predecessors:
            if catalogue.agency(former) is None or former == agency.id:
                wrong = f"không có cơ quan trước đó «{former}»"
                yield report("agencies", agency.id, wrong, "predecessors")


def _predecessors(
    kind: str, unit: Unit, find: Callable[[str], Unit | None], report: Report
) -> Iterator[Fault]:
    for former_id in unit.predecessors:
        former = find(former_id)
        if former is None:
            missing = f"không có đơn vị trước đó «{former_id}»"
            yield report(kind, unit.id, missing, "predecessors")
        elif former.valid_until is None or unit.valid_from is None:
            undated = f"đơn vị trước đó «{former_id}» cần valid_until và đơn vị này cần valid_from"
            yield report(kind, unit.id, undated, "predecessors")
        elif former.valid_until >= unit.valid_from:
            both = f"đơn vị trước đó «{former_id}» còn đến {former.valid_until}, sau ngày bắt đầu"
            yield report(kind, unit.id, both, "predecessors")


def _procedures(catalogue: Catalogue, report: Report) -> Iterator[Fault]:
    types = {entry.id for entry in catalogue.types}
    codes: dict[str, str] = {}
    for entry in catalogue.procedures:
        if entry.code and codes.setdefault(entry.code, entry.id) != entry.id:
            twice = f"mã «{entry.code}» dùng cho nhiều thủ tục: cũng là của «{codes[entry.code]}»"
            yield report("procedures", entry.id, twice, "code")
        used = [("results", name) for name in entry.results]
        used += [("component", name) for part in entry.component for name in part.types]
        for key, name in used:
            if name not in types:
                yield report("procedures", entry.id, f"không có loại giấy tờ «{name}»", key)
        ids = [part.id for part in entry.component]
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            yield report("procedures", entry.id, f"thành phần bị lặp: {name}", "component")
        for part in entry.component:
            if part.rule == "must" and NOT_DIGITIZED_FORMS.issuperset(part.submitted):
                never = f"thành phần «{part.id}» chỉ nộp dạng không được số hóa mà rule là must"
                yield report("procedures", entry.id, never, "component")


def _decisions(catalogue: Catalogue, report: Report) -> Iterator[Fault]:
    for entry in catalogue.decisions:
        procedure = catalogue.procedure(entry.procedure)
        if procedure is None:
            missing = f"không có thủ tục «{entry.procedure}»"
            yield report("decisions", entry.id, missing, "procedure")
        elif procedure.part(entry.component) is None:
            missing = f"thủ tục «{entry.procedure}» không có thành phần «{entry.component}»"
            yield report("decisions", entry.id, missing, "component")
        barred = [form for form in entry.submitted if form in NOT_DIGITIZED_FORMS]
        if barred and entry.rule != "must_not":
            against = f"dạng «{barred[0]}» không được số hóa (TT 01/2023/TT-VPCP Đ4)"
            yield report("decisions", entry.id, against, "submitted")
    for one, two in combinations(catalogue.decisions, 2):
        if one.rule != two.rule and _same_case(one, two):
            against = f"trái với «{one.id}» về cùng thành phần, cùng ngày bắt đầu"
            yield report("decisions", two.id, against, "rule")


def _same_case(one: Decision, two: Decision) -> bool:
    """Whether the two decide one case and neither is the later one."""
    same = (one.procedure, one.component) == (two.procedure, two.component)
    forms = not one.submitted or not two.submitted or set(one.submitted) & set(two.submitted)
    return same and bool(forms) and one.valid_from == two.valid_from


def _meet(one: Dated, two: Dated) -> bool:
    starts = [day for day in (one.valid_from, two.valid_from) if day]
    ends = [day for day in (one.valid_until, two.valid_until) if day]
    return not starts or not ends or max(starts) <= min(ends)
