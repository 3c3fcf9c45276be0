"""The fields that a type has beyond the nine: by the labels that the catalogue gives.

A label may be misread, numbered, followed by a second field on the same row, or its value may go
on in the next row. What fails a check of its kind carries a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from rapidfuzz import fuzz

from domain.document_types import DocumentType, FieldKind, TypeField
from domain.extract.layout import Run
from domain.extract.own_values import read_value
from domain.extract.person_names import is_settled_family, strange_marks
from domain.extract.spelling import (
    Spellings,
    confirmed,
    spelled_otherwise,
    spellings_of,
    strange_letters,
    weakest,
)
from domain.extract.straighten import box_on_scan
from domain.record import FieldValue
from domain.vietnamese import fold, nfc
from domain.words import Word

_NUMBERING = re.compile(r"[\W_]*(?:\(?\d{1,2}(?:\.\d)?[.)]|[a-zđ][.)])?[\W_]*", re.IGNORECASE)
_CLOSE = 88
_MOST_ROWS = 3
"""Rows that one value may take."""
_LEFT_EDGE = 0.35
"""A row that goes on with a value starts left of this part of the page width."""
_TERM = re.compile(r" co (?:gia tri|hieu luc) ")
"""A sentence about the paper itself, which no value goes on with."""
_ROW_LETTERS = 30
"""Fewer letters make no full row."""
_LONGEST_LABEL = 60
"""Characters before the colon of a row that is a field of its own."""
_LONGEST_NAME = 7
"""Words, with the title of address."""
_LOW, _LOW_WORD = 0.8, 0.45
_WORDED = frozenset({"text", "name", "address", "organization"})


def read_own_fields(
    runs: Sequence[Run], entry: DocumentType, *, today: date
) -> dict[str, FieldValue]:
    """Every field of the type, in the order of the form; without a value where it was not found.

    A field that is found twice with different values is doubted.
    """
    labels = _labels(entry)
    margins = {page: _right_margin(page, runs) for page in {run.page for run in runs}}
    found: dict[str, list[tuple[float, Run]]] = {field.id: [] for field in entry.fields}
    at = 0
    for place, run in enumerate(runs):
        field, value, likeness = _labelled(run, entry.fields, at, labels)
        if field is None:
            continue
        at = entry.fields.index(field) + 1
        below = runs[place + 1 :]
        if value is None and below and _follows(run, below[0]):  # the label has a row of its own
            value, below = below[0], below[1:]
        if value is not None:
            value = _with_next_rows(value, below, field, margins[run.page])
            found[field.id].append((likeness, value))
    paper = spellings_of(runs)
    return {field.id: _value(field, found[field.id], paper, today) for field in entry.fields}


def _right_margin(page: int, runs: Sequence[Run]) -> float:
    """Where full rows of the page end (pixels): past it stand only specks and stamps."""
    ends = [run.box.right for run in runs if run.page == page and run.letters >= _ROW_LETTERS]
    return max(ends, default=0.0)


def _follows(label: Run, below: Run) -> bool:
    """Whether a row without a label of its own stands close under a label."""
    near = 0 < below.box.y - label.box.y < 2.2 * max(label.height, below.height)
    return near and below.page == label.page and not _starts_anew(below)


def _starts_anew(run: Run) -> bool:
    if ":" in run.text[:_LONGEST_LABEL] or _TERM.search(run.folded):
        return True
    return bool(re.match(r"\W*\d{1,2}[.)] |[-+–] ", run.text))


def _labels(entry: DocumentType) -> tuple[str, ...]:
    return tuple(fold(label) for field in entry.fields for label in field.all_labels)


def _labelled(
    run: Run, fields: Sequence[TypeField], at: int, labels: Sequence[str]
) -> tuple[TypeField | None, Run | None, float]:
    """The field whose label begins this run, the rest of the run, and how well the label fits.

    Fields still to come go first, longer labels before shorter ones.
    """
    start = _NUMBERING.match(run.text)
    begin = start.end() if start else 0
    best: tuple[float, int, TypeField, int] | None = None
    for order, field in enumerate((*fields[at:], *fields[:at])):
        for label in field.all_labels:
            score, end = _begins(run.folded[begin:], fold(label))
            if score >= _CLOSE and (best is None or (score, len(label)) > (best[0], best[1])):
                best = (score - 0.01 * order, len(label), field, begin + end)
    if best is None:
        return None, None, 0.0
    end = _until_next_label(run, best[3], labels)
    words = run.covering(best[3], end) if run.text[best[3] : end].strip() else ()
    words = tuple(word for word in words if any(char.isalnum() for char in word.text))
    value = Run(words, run.sheet, run.number) if words else None
    return best[2], value, best[0] + 0.1 * best[1]


def _begins(text: str, label: str) -> tuple[float, int]:
    """How well a folded text begins with a folded label and a colon, and where the value starts."""
    colon = text.find(":")
    head = re.sub(r"\s*[(/].*$", "", text[: max(colon, 0)]).strip()  # its English, a hint
    for said in (text[: max(colon, 0)].strip(), head):
        if said and len(said) <= len(label) + 12 and fuzz.ratio(said, label) >= _CLOSE:
            return fuzz.ratio(said, label), colon + 1
    longer = re.match(r" \w[\w ,]{2,24}:", text[len(label) :])  # «Họ và tên» is not «Họ và tên mẹ:»
    if text.startswith(label) and not longer and not text[len(label) : len(label) + 1].isalpha():
        return 90.0, len(label)
    return 0.0, 0


def _until_next_label(run: Run, start: int, labels: Sequence[str]) -> int:
    """Where another known label begins in the same row, or the row's end."""
    rest = run.folded[start:]
    ends = [rest.find(f" {label}:") for label in labels]
    return start + min((end for end in ends if end >= 0), default=len(rest))


def _with_next_rows(value: Run, below: Sequence[Run], field: TypeField, margin: float) -> Run:
    """The value with the rows that it goes on in; only texts and names run over a row's end.

    A row is full when the first word of the next one would have passed the margin.
    """
    if field.kind not in _WORDED:
        return value
    words, last = value.words, value
    for run in below[:_MOST_ROWS]:
        if field.kind == "name" and not _is_rest_of_name(run, words):
            break
        full = last.box.right + run.words[0].box.width + 0.7 * last.height > margin
        near = 0 <= run.box.bottom - last.box.bottom < 2.2 * max(last.height, run.height)
        left = run.box.x < _LEFT_EDGE * run.page_width
        if not (full and near and left and run.page == last.page) or _starts_anew(run):
            break
        words, last = (*words, *run.words), run
    return value.part(words)


def _is_rest_of_name(run: Run, words: Sequence[Word]) -> bool:
    """Whether a row has nothing but capitalised words, few enough to end a name begun above."""
    capitalised = all(word.text.isalpha() and word.text[0].isupper() for word in run.words)
    return capitalised and len(words) + len(run.words) <= _LONGEST_NAME


def _value(
    field: TypeField, found: Sequence[tuple[float, Run]], paper: Spellings, today: date
) -> FieldValue:
    if not found:
        doubt = (f"không thấy «{field.label}» trên giấy",) if field.required else ()
        return FieldValue(doubts=doubt)
    run = max(found, key=lambda read: read[0])[1]
    text = nfc(run.text).strip(" .,;:-–_…*")
    value, doubts = read_value(field.kind, text, run, today)
    others = {fold(other.text) for _, other in found} - {fold(run.text)}
    if others and field.kind in {"person_id", "tax_number", "date"}:
        doubts = (*doubts, "trên giấy có nhiều giá trị khác nhau cho trường này")
    doubts = (*doubts, *_unsure(field.kind, run, paper))
    if field.kind in _WORDED:
        doubts = (*doubts, *strange_letters(text), *spelled_otherwise(run.words, paper))
    if field.kind == "organization":
        doubts = (*doubts, *strange_marks(run.words))
    if doubts and not field.required:
        value = None  # a doubtful value that nobody waits for is not recorded
    return FieldValue(
        value=value,
        confidence=weakest(_telling(field.kind, run), paper) if value is not None else 0.0,
        page=run.page,
        box=box_on_scan(run),
        source="label",
        doubts=tuple(dict.fromkeys(doubts)),
    )


def _telling(kind: FieldKind, run: Run) -> tuple[Word, ...]:
    """The words whose marks matter: most families are known by their letters alone."""
    settled = kind == "name" and len(run.words) > 1 and is_settled_family(run.words[0].text)
    return run.words[1:] if settled else run.words


def _unsure(kind: FieldKind, run: Run, paper: Spellings) -> tuple[str, ...]:
    if any(word.handwritten for word in run.words):
        return ("viết tay",)
    words = _telling(kind, run)
    low = [word for word in words if word.confidence < _LOW_WORD]
    mean = sum(word.confidence for word in words) / len(words)
    if mean < _LOW or not all(confirmed(word, run.words, paper) for word in low):
        return ("máy đọc không chắc",)
    return ()
