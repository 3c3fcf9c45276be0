"""Which type a paper is of: by its printed title, the symbol in its number, the form of a letter.

What is not clear stays unknown, and every conclusion says what it rests on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.catalogue import Catalogue
from domain.document_types import DocumentType
from domain.extract.straighten import straight
from domain.extract.subjects import has_letter_mark
from domain.extract.titles import FirstPage, TitleMatch, find_titles, first_page
from domain.record import TypeGuess
from domain.words import PageText

LETTER = "cong-van"
"""The type that is known by its form alone (công văn)."""
LETTER_OF_OFFICE = "thu-cong"
_LETTER_HEADING = re.compile(r"\W{0,2}TH[ƯUỪỨ]\b")
_HEADING_SHARE = 0.5
_RIVAL = 0.04
"""Two types whose titles fit one line this evenly are not told apart."""
_UNKNOWN_UNDER = 0.6


def classify(pages: Sequence[PageText], catalogue: Catalogue) -> TypeGuess:
    """The type with its evidence in Vietnamese; `id` None when nothing or too much fits."""
    first = first_page([straight(page) for page in pages], catalogue)
    if first is None:
        return TypeGuess(evidence=("Không đọc được chữ nào trên giấy.",))
    titles = find_titles(first, catalogue)
    by_symbol = catalogue.type_of_symbol(first.number.kind_symbol) if first.number else None
    if titles:
        return _by_title(first, titles, by_symbol)
    letter = _letter(first, by_symbol, catalogue)
    if letter is not None:
        return letter
    personal = _letter_of_office(first, catalogue)
    if personal is not None:
        return personal
    if by_symbol is not None and first.number is not None:
        seen = f"Không thấy tên loại; chỉ có ký hiệu «{first.number.symbol}»."
        return TypeGuess(
            id=by_symbol.id, name=by_symbol.name, confidence=_UNKNOWN_UNDER, evidence=(seen,)
        )
    return TypeGuess(evidence=("Không có dòng nào giống tên một loại giấy tờ trong danh mục.",))


def _by_title(
    first: FirstPage, titles: Sequence[TitleMatch], by_symbol: DocumentType | None
) -> TypeGuess:
    best = titles[0]
    run = best.lines[0]
    text = " ".join(line.text for line in best.lines)
    where = f"Trang {run.page}, dòng {run.number}"
    evidence = [f"{where}: «{text}» giống tên loại «{best.type.name}» ({best.score:.0%})."]
    rival = next((other for other in titles[1:] if _too_close(best, other, by_symbol)), None)
    if rival is not None:
        evidence.append(f"Cũng giống tên loại «{rival.type.name}»: chưa phân biệt được.")
        return TypeGuess(evidence=tuple(evidence))
    confidence = min(best.score, 0.97)
    if by_symbol is best.type and first.number is not None:
        confidence = 1 - 0.4 * (1 - confidence)
        evidence.append(f"Ký hiệu «{first.number.symbol}» trong số giấy tờ cũng của loại này.")
    elif by_symbol is not None and first.number is not None:
        confidence *= 0.6
        evidence.append(
            f"Nhưng ký hiệu «{first.number.symbol}» là của loại «{by_symbol.name}»: cần người xem."
        )
    return TypeGuess(
        id=best.type.id, name=best.type.name, confidence=confidence, evidence=tuple(evidence)
    )


def _too_close(best: TitleMatch, other: TitleMatch, by_symbol: DocumentType | None) -> bool:
    if by_symbol is best.type or other.title in best.title:
        return False
    return best.score - other.score < _RIVAL and best.exact - other.exact < _RIVAL


def _letter_of_office(first: FirstPage, catalogue: Catalogue) -> TypeGuess | None:
    """A thư công: an agency's head, no number, and a heading that begins with THƯ."""
    entry = catalogue.type(LETTER_OF_OFFICE)
    if entry is None or first.number is not None or not first.header.divide:
        return None
    headings = (run for run in first.runs if run.capitals and run.box.y > first.header.top)
    heading = next((run for run in headings if _LETTER_HEADING.match(run.text)), None)
    if heading is None or heading.box.y > _HEADING_SHARE * first.page.height:
        return None
    seen = f"Trang {heading.page}, dòng {heading.number}: «{heading.text}», không có số."
    return TypeGuess(id=entry.id, name=entry.name, confidence=0.9, evidence=(seen,))


def _letter(
    first: FirstPage, by_symbol: DocumentType | None, catalogue: Catalogue
) -> TypeGuess | None:
    """A công văn: a number without a type's symbol, V/v under it, Kính gửi before the text.

    Some agencies are abbreviated like a type (CT is chỉ thị, and a tax department): then both
    other signs must be there, and a person is asked.
    """
    entry = catalogue.type(LETTER)
    mark = has_letter_mark(first.runs, first.header)
    if entry is None or (by_symbol is not None and mark is None):
        return None
    evidence, confidence = [], 0.0
    if mark is not None:
        confidence += 0.45
        evidence.append(f"Trang {mark.page}, dòng {mark.number}: «{mark.text}» dưới số, ký hiệu.")
    symbol = first.number.symbol if first.number is not None and by_symbol is None else ""
    if symbol and not symbol.isdigit():
        confidence += 0.35
        evidence.append(f"Ký hiệu «{symbol}» không có tên loại.")
    greeting = next((run for run in first.runs if run.folded.startswith("kinh gui")), None)
    if greeting is not None:
        confidence += 0.2
        evidence.append(f"Trang {greeting.page}, dòng {greeting.number}: có «Kính gửi».")
    if confidence < _UNKNOWN_UNDER:
        return None
    return TypeGuess(
        id=entry.id, name=entry.name, confidence=min(confidence, 0.97), evidence=tuple(evidence)
    )
