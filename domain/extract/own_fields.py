"""The fields that a type has beyond the nine: by the labels that the catalogue gives.

A label may be misread, numbered, followed by a second field on the same row, or its value may go
on in the next row. What fails a check of its kind carries a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from rapidfuzz import fuzz

from domain.document_types import DocumentType, TypeField
from domain.extract.dates import read_date
from domain.extract.handwriting import pen_signs
from domain.extract.layout import Run
from domain.extract.straighten import box_on_scan
from domain.identifiers import identifier_faults, normalise_identifier
from domain.record import FieldValue
from domain.vietnamese import fold, nfc

_NUMBERING = re.compile(r"[\W_]*(?:\(?\d{1,2}(?:\.\d)?[.)]|[a-zđ][.)])?[\W_]*", re.IGNORECASE)
_CLOSE = 88
_MOST_ROWS = 3
"""Rows that one value may take."""
_LEFT_EDGE = 0.35
"""A row that goes on with a value starts left of this part of the page width."""
_NAME = re.compile(r"[^\W\d_]+(?:['’.\- ]+[^\W\d_]+){1,6}")
_MONEY = re.compile(r"\d{1,3}(?:[.,]\d{3})*(?: ?(?:đồng|VNĐ|VND|đ))?(?: ?\(.*\))?", re.IGNORECASE)
_AREA = re.compile(r"\d{1,6}(?:[.,]\d{1,3})? ?m[2²]?", re.IGNORECASE)
_TITLE_OF_ADDRESS = re.compile(r"^(?:(?:[Ôô]ng|[Bb]à)\W{0,3})+(?:là )?", re.UNICODE)
_SEXES = {"nam": "Nam", "nu": "Nữ"}
_LOW, _LOW_WORD = 0.8, 0.45
_FIRST_YEAR = 1880
"""Of birth, of anybody whom a paper still names."""


def read_own_fields(
    runs: Sequence[Run], entry: DocumentType, *, today: date
) -> dict[str, FieldValue]:
    """Every field of the type, in the order of the form; without a value where it was not found.

    A field that is found twice with different values is doubted.
    """
    labels = _labels(entry)
    found: dict[str, list[tuple[Run, Run | None]]] = {field.id: [] for field in entry.fields}
    at = 0
    for place, run in enumerate(runs):
        field, value = _labelled(run, entry.fields, at, labels)
        if field is None:
            continue
        at = entry.fields.index(field) + 1
        below = runs[place + 1 :]
        if value is None and below and _follows(run, below[0]):  # the label has a row of its own
            value, below = below[0], below[1:]
        found[field.id].append((run, _with_next_rows(value, below, field)))
    return {field.id: _value(field, found[field.id], today) for field in entry.fields}


def _follows(label: Run, below: Run) -> bool:
    """Whether a row without a label of its own stands close under a label."""
    near = 0 < below.box.y - label.box.y < 2.2 * max(label.height, below.height)
    return near and below.page == label.page and not _starts_anew(below)


def _starts_anew(run: Run) -> bool:
    return ":" in run.text[:40] or bool(re.match(r"\W*\d{1,2}[.)] |[-+–] ", run.text))


def _labels(entry: DocumentType) -> tuple[str, ...]:
    return tuple(fold(label) for field in entry.fields for label in field.all_labels)


def _labelled(
    run: Run, fields: Sequence[TypeField], at: int, labels: Sequence[str]
) -> tuple[TypeField | None, Run | None]:
    """The field whose label begins this run, those still to come first, and the rest of the run."""
    start = _NUMBERING.match(run.text)
    begin = start.end() if start else 0
    best: tuple[float, int, TypeField, int] | None = None
    for order, field in enumerate((*fields[at:], *fields[:at])):
        for label in field.all_labels:
            score, end = _begins(run.folded[begin:], fold(label))
            if score >= _CLOSE and (best is None or (score, len(label)) > (best[0], best[1])):
                best = (score - 0.01 * order, len(label), field, begin + end)
    if best is None:
        return None, None
    end = _until_next_label(run, best[3], labels)
    words = run.covering(best[3], end) if run.text[best[3] : end].strip() else ()
    words = tuple(word for word in words if any(char.isalnum() for char in word.text))
    return best[2], Run(words, run.sheet, run.number) if words else None


def _begins(text: str, label: str) -> tuple[float, int]:
    """How well a folded text begins with a folded label and a colon, and where the value starts."""
    colon = text.find(":")
    head = re.sub(r"\s*[(/].*$", "", text[: max(colon, 0)]).strip()  # its English, a hint
    for said in (text[: max(colon, 0)].strip(), head):
        if said and len(said) <= len(label) + 12 and fuzz.ratio(said, label) >= _CLOSE:
            return fuzz.ratio(said, label), colon + 1
    if text.startswith(label) and not text[len(label) : len(label) + 1].isalpha():
        return 90.0, len(label)
    return 0.0, 0


def _until_next_label(run: Run, start: int, labels: Sequence[str]) -> int:
    """Where another known label begins in the same row, or the row's end."""
    rest = run.folded[start:]
    ends = [rest.find(f" {label}:") for label in labels]
    return start + min((end for end in ends if end >= 0), default=len(rest))


def _with_next_rows(value: Run | None, below: Sequence[Run], field: TypeField) -> Run | None:
    """The value with the rows that it goes on in; only texts run over a row's end."""
    if value is None or field.kind not in {"text", "address", "organization"}:
        return value
    words, last = value.words, value
    for run in below[:_MOST_ROWS]:
        full = last.box.right > 0.84 * last.page_width
        near = 0 <= run.box.y - last.box.y < 2.2 * max(last.height, run.height)
        left = run.box.x < _LEFT_EDGE * run.page_width
        if not (full and near and left and run.page == last.page) or _starts_anew(run):
            break
        words, last = (*words, *run.words), run
    return value.part(words)


def _value(field: TypeField, found: Sequence[tuple[Run, Run | None]], today: date) -> FieldValue:
    read = [value for _, value in found if value is not None]
    if not read:
        doubt = (f"không thấy «{field.label}» trên giấy",) if field.required else ()
        return FieldValue(doubts=doubt)
    run = read[0]
    text = nfc(run.text).strip(" .,;:-–_…*")
    value, doubts = _CHECKS.get(field.kind, _as_text)(text, run, today)
    others = {fold(other.text) for other in read[1:]} - {fold(run.text)}
    if others and field.kind in {"person_id", "tax_number", "date"}:
        doubts = (*doubts, "trên giấy có nhiều giá trị khác nhau cho trường này")
    doubts = (*doubts, *_unsure(run))
    if doubts and not field.required:
        value = None  # a doubtful value that nobody waits for is not recorded
    return FieldValue(
        value=value,
        confidence=run.confidence if value is not None else 0.0,
        page=run.page,
        box=box_on_scan(run),
        source="label",
        doubts=tuple(dict.fromkeys(doubts)),
    )


def _unsure(run: Run) -> tuple[str, ...]:
    if any(word.handwritten for word in run.words):
        return ("viết tay",)
    if run.confidence < _LOW or min(word.confidence for word in run.words) < _LOW_WORD:
        return ("máy đọc không chắc",)
    return ()


def _as_text(text: str, run: Run, _today: date) -> tuple[str | None, tuple[str, ...]]:
    del run
    if not any(char.isalnum() for char in text):
        return None, ("không đọc được",)
    return text, ()


def _as_date(_text: str, run: Run, today: date) -> tuple[str | None, tuple[str, ...]]:
    read = read_date(run)
    if read is None or read.value is None:
        return None, ("không đọc được ngày", *(read.doubts if read else ()))
    far = ("ngày quá xa",) if not _FIRST_YEAR <= read.value.year <= today.year + 60 else ()
    return read.value.isoformat(), (*read.doubts, *far)


def _as_identifier(text: str, run: Run, today: date) -> tuple[str | None, tuple[str, ...]]:
    first = re.match(r"[\w.\- ]*?\d[\d .\-]{6,}", text)
    value = normalise_identifier(first.group().strip() if first else text)
    faults = identifier_faults(value, today=today)
    signs = pen_signs(run.words[:1], ())
    return value, (*faults, *signs)


def _as_name(text: str, _run: Run, _today: date) -> tuple[str | None, tuple[str, ...]]:
    text = _TITLE_OF_ADDRESS.sub("", text)
    return text, () if _NAME.fullmatch(text) else ("không giống họ tên người",)


def _as_sex(text: str, _run: Run, _today: date) -> tuple[str | None, tuple[str, ...]]:
    value = _SEXES.get(fold(text.partition(" ")[0]).strip(".,;"))
    return value, () if value else ("không phải Nam hoặc Nữ",)


def _matching(pattern: re.Pattern[str], fault: str) -> _Check:
    def check(text: str, _run: Run, _today: date) -> tuple[str | None, tuple[str, ...]]:
        return text, () if pattern.fullmatch(text) else (fault,)

    return check


_Check = Callable[[str, Run, date], tuple[str | None, tuple[str, ...]]]
_CHECKS: dict[str, _Check] = {
    "date": _as_date,
    "person_id": _as_identifier,
    "tax_number": _as_identifier,
    "name": _as_name,
    "sex": _as_sex,
    "year": _matching(re.compile(r"(?:19|20)\d{2}"), "không phải một năm"),
    "number": _matching(re.compile(r"\d{1,9}(?:[.,]\d{1,3})*.{0,12}"), "không phải một số"),
    "money": _matching(_MONEY, "không phải một số tiền"),
    "area": _matching(_AREA, "không phải một diện tích"),
}
