"""The nine fields of TT 01/2023/TT-VPCP Đ9.2, each with where it stands and why it is doubted.

The measure is the silent error: a wrong value that nobody is asked about. Where a sign speaks
against a value, it is given all the same, with a doubt that names the sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from domain.catalogue import Catalogue
from domain.document_types import DocumentType, FieldName
from domain.extract.agencies import read_issuer
from domain.extract.dates import DateRead, issue_date, plausible
from domain.extract.layout import Run, runs_of
from domain.extract.numbers import NumberRead, attached_numbers
from domain.extract.own_fields import read_own_fields
from domain.extract.owners import read_owner
from domain.extract.spelling import (
    spelled_otherwise,
    spellings_of,
    strange_letters,
    weakest,
)
from domain.extract.straighten import box_on_scan, straight
from domain.extract.subjects import OPENING, after_letter_mark, under_title
from domain.extract.titles import FirstPage, find_titles, first_page
from domain.extract.validity import read_scope, read_valid_until
from domain.record import FIELD_NAMES, FieldValue, TypeGuess
from domain.vietnamese import fold
from domain.words import PageText

_PEN_ELSEWHERE = "giấy có chỗ viết tay ở dòng số và ngày: cần đối chiếu"
_PAPER = "giay"
"""What the label of a term says that is the paper's own: "Thời hạn của giấy phép"."""
_MISSING = "không tìm thấy trên giấy"


@dataclass(frozen=True)
class _Paper:
    pages: Sequence[PageText]
    first: FirstPage
    runs: tuple[Run, ...]
    """Of all pages, in reading order."""
    type: DocumentType | None
    catalogue: Catalogue
    today: date

    @property
    def is_form(self) -> bool:
        """Whether fields stand after labels: all but NĐ 30 documents."""
        return self.type is None or self.type.group != "administrative"


def extract(
    pages: Sequence[PageText], guess: TypeGuess, catalogue: Catalogue, *, today: date
) -> dict[FieldName, FieldValue]:
    """All nine fields; a field that is not on the paper has no value.

    A field that the type requires and that was not found carries a doubt. `today` (date of the
    reading) bounds what may be a day of issue.
    """
    fields: dict[FieldName, FieldValue] = dict.fromkeys(FIELD_NAMES, FieldValue())
    entry = catalogue.type(guess.id)
    fields.update(type_fields(entry, guess.confidence))
    pages = [straight(page) for page in pages]
    first = first_page(pages, catalogue)
    if first is not None:
        own = [page for page in pages if page.page >= first.page.page and not page.blank]
        runs = tuple(run for page in own for run in runs_of(page))
        paper = _Paper(pages, first, runs, entry, catalogue, today)
        issued = _issued(paper)
        fields["number"] = _number(paper)
        fields["issue_date"] = _date_field(issued, today)
        fields["issuer"] = _issuer(paper)
        fields["subject"] = _subject(paper)
        fields.update(_form_fields(paper, issued))
        _share_pen(paper, issued, fields)
    for name in entry.required if entry else ():
        if fields[name].value is None and not fields[name].doubts:
            fields[name] = FieldValue(doubts=(_MISSING,))
    return fields


def extract_own(
    pages: Sequence[PageText], guess: TypeGuess, catalogue: Catalogue, *, today: date
) -> dict[str, FieldValue]:
    """The fields that the type has beyond the nine; empty for an unknown type."""
    entry = catalogue.type(guess.id)
    pages = [straight(page) for page in pages]
    first = first_page(pages, catalogue)
    if entry is None or first is None or not entry.fields:
        return {}
    own = [page for page in pages if page.page >= first.page.page and not page.blank]
    runs = tuple(run for page in own for run in runs_of(page))
    return read_own_fields(runs, entry, today=today)


def type_fields(entry: DocumentType | None, confidence: float) -> dict[FieldName, FieldValue]:
    """Code and title of a type, as the catalogue gives them."""
    if entry is None:
        return {}
    return {
        "type_code": FieldValue(
            value=entry.code or entry.id, confidence=confidence, source="catalogue"
        ),
        "title": FieldValue(value=entry.name, confidence=confidence, source="catalogue"),
    }


def _field(
    value: str | None, confidence: float, run: Run, source: str, doubts: Sequence[str] = ()
) -> FieldValue:
    return FieldValue(
        value=value,
        confidence=max(0.0, min(1.0, confidence)) if value is not None else 0.0,
        page=run.page,
        box=box_on_scan(run),
        source=source,
        doubts=tuple(dict.fromkeys(doubts)),
    )


def _number(paper: _Paper) -> FieldValue:
    read = paper.first.number
    if read is None:
        return FieldValue()
    read = _with_symbol_of(paper.type, read, paper.catalogue)
    doubts = list(read.doubts)
    of_symbol = paper.catalogue.type_of_symbol(read.kind_symbol)
    if paper.type and of_symbol and of_symbol is not paper.type:
        doubts.append(f"ký hiệu «{read.symbol}» không phải của loại «{paper.type.name}»")
    doubts.extend(_symbol_faults(read, paper.type))
    own = (read.value or "").split("/")[0]
    others = attached_numbers(paper.pages, read.symbol) - {own, own.lstrip("0"), own.zfill(2)}
    if others and read.value:
        doubts.append(f"phần kèm theo ghi số {', '.join(sorted(others))}")
    sure = min(word.confidence for word in read.run.words)
    return _field(read.value, sure, read.run, "layout", doubts)


def _with_symbol_of(
    entry: DocumentType | None, read: NumberRead, catalogue: Catalogue
) -> NumberRead:
    """The number with the symbol of its type where one letter of it was misread: CTT for CTr."""
    seen, meant = read.kind_symbol, entry.symbol if entry is not None else ""
    near = len(seen) == len(meant) > 2 and sum(map(str.__ne__, seen, meant)) == 1  # noqa: PLR2004
    if not near or read.value is None or catalogue.type_of_symbol(seen) is not None:
        return read
    value, symbol = (text.replace(seen, meant, 1) for text in (read.value, read.symbol))
    return replace(read, value=value, symbol=symbol)


def _symbol_faults(read: NumberRead, entry: DocumentType | None) -> list[str]:
    """NĐ 30 numbers name type and agency: 88/QĐ-UBND; a part that is missing was not read."""
    if entry is not None and entry.group != "administrative":
        return []
    if not read.symbol:
        return ["không thấy ký hiệu sau số"]  # a receiver's stamp has such numbers
    if entry is None:
        return []
    if "-" not in read.symbol and "/" not in read.symbol:
        return [f"ký hiệu «{read.symbol}» thiếu tên loại hoặc tên cơ quan"]
    if entry.symbol and fold(read.kind_symbol) != fold(entry.symbol):
        return [f"ký hiệu «{read.symbol}» không có «{entry.symbol}»"]
    return []


def _issued(paper: _Paper) -> DateRead | None:
    first = paper.first
    return issue_date(paper.pages, first.page, paper.runs, first.header, labelled=paper.is_form)


def _date_field(read: DateRead | None, today: date) -> FieldValue:
    if read is None:
        return FieldValue()
    doubts = [*read.doubts, *(plausible(read.value, today) if read.value else ())]
    figures = [w.confidence for w in read.run.words if any(c.isdigit() for c in w.text)]
    value = read.value.isoformat() if read.value else None
    return _field(value, min(figures, default=0.0), read.run, "layout", doubts)


def _issuer(paper: _Paper) -> FieldValue:
    first = paper.first
    below = 0.4 * first.page.height
    if first.number is not None:
        below = min(below, first.number.run.box.y + 0.3 * first.number.run.height)
    titles = find_titles(first, paper.catalogue)
    if titles:
        below = min(below, titles[0].lines[0].box.y)
    read = read_issuer(paper.runs, first.header, below, paper.pages, paper.catalogue)
    if read is None:
        return FieldValue()
    return _field(read.value, read.confidence, read.run, "layout", read.doubts)


def _subject(paper: _Paper) -> FieldValue:
    first = paper.first
    if paper.type is None or paper.type.group != "administrative":
        return FieldValue()
    if not paper.type.titles:
        read = after_letter_mark(first.runs, first.header)
    else:
        titles = find_titles(first, paper.catalogue)
        read = under_title(first.runs, titles[0].lines) if titles else None
    if read is None:
        return FieldValue()
    spellings = spellings_of(paper.runs)
    spelling = spelled_otherwise(read.run.words, spellings)
    doubts = (*read.doubts, *strange_letters(read.value), *spelling)
    telling = read.run.words[2:] if read.value.startswith(OPENING) else read.run.words
    return _field(read.value, weakest(telling, spellings), read.run, "layout", doubts)


def _form_fields(paper: _Paper, issued: DateRead | None) -> dict[FieldName, FieldValue]:
    """Owner, term and scope, which only forms print; a letter may quote anybody's."""
    fields: dict[FieldName, FieldValue] = {}
    if not paper.is_form:
        return fields
    owner = read_owner(paper.runs, today=paper.today)
    if owner is not None:
        fields["owner_id"] = _field(owner.value, owner.confidence, owner.run, "label", owner.doubts)
    term = read_valid_until(_about_the_paper(paper), issued)
    if term is not None:
        doubts = list(term.doubts)
        if issued and issued.value and date.fromisoformat(term.value) < issued.value:
            doubts.append("hết hiệu lực trước ngày cấp")
        source = "derived" if term.derived else "label"
        fields["valid_until"] = _field(term.value, term.confidence, term.run, source, doubts)
    scope = read_scope(paper.runs)
    if scope is not None:
        fields["scope"] = _field(scope.value, scope.confidence, scope.run, "label", scope.doubts)
    return fields


def _about_the_paper(paper: _Paper) -> list[Run]:
    """The rows that may say how long the paper is valid; land is used to 2043, not its paper."""
    if paper.type is None or "valid_until" in paper.type.required:
        return list(paper.runs)
    labels = tuple(
        f"{fold(label)}:"
        for field in paper.type.fields
        if field.kind == "text" and _PAPER not in fold(" ".join(field.all_labels))
        for label in field.all_labels
    )
    return [run for run in paper.runs if not any(label in run.folded for label in labels)]


def _share_pen(paper: _Paper, issued: DateRead | None, fields: dict[FieldName, FieldValue]) -> None:
    """Whoever writes the number writes the day too: a pen in one makes the other doubtful."""
    number = paper.first.number
    pens = (bool(number and number.by_pen), bool(issued and issued.by_pen))
    if number is None or issued is None or not any(pens):
        return
    same_row = abs(number.run.box.y - issued.run.box.y) < 0.05 * paper.first.page.height
    for name, by_pen in zip(("number", "issue_date"), pens, strict=True):
        if same_row and not by_pen:
            value = fields[name]  # type: ignore[index]
            fields[name] = value.model_copy(  # type: ignore[index]
                update={"doubts": (*value.doubts, _PEN_ELSEWHERE)}
            )
