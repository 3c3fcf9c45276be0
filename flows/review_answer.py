"""The answer to a form: what it says of each paper. Checked later, when it is put in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prefect.input import RunInput
from pydantic import ValidationError

from domain.describe import OWN_KEY, TYPE_KEY
from domain.document_types import DocumentType
from domain.errors import Undecided
from domain.review import NOT_ON_PAPER, Decision, Duplicate, Verdict
from domain.vietnamese import fold
from flows.review_form import ENTERED, KEEP, OTHER_OWN, OWN_FORM, UNDECIDED, grouped
from tasks.house import house
from tasks.review_asked import Asked, AskedPaper

_RULES = {
    "missing": "chưa điền",
    "literal_error": "phải chọn một trong các giá trị có sẵn",
    "string_too_long": "quá dài",
}


def verdicts(asked: Asked, given: RunInput) -> tuple[Verdict, ...]:
    """What the answer says of each paper that is still asked; Undecided where it cannot be read."""
    said = given.model_dump()
    if grouped(asked):
        return tuple(_of_group(asked.field or "", paper, said) for paper in asked.papers)
    return tuple(_of_whole(paper, said) for paper in asked.papers)


def faults_of(form: type[RunInput], error: ValidationError) -> str:
    """What is wrong with an answer: title and rule of each field, without what was typed."""
    return "; ".join(
        f"{_title(form, fault['loc'])}: {_RULES.get(fault['type'], 'không đúng dạng')}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    )


def _title(form: type[RunInput], place: tuple[int | str, ...]) -> str:
    field = form.model_fields.get(str(place[0])) if place else None
    return (field.title if field else None) or ".".join(str(part) for part in place)


def _of_whole(paper: AskedPaper, said: Mapping[str, Any]) -> Verdict:
    corrections = _corrections({name: said[name] for name in (TYPE_KEY, *ENTERED)})
    corrections |= _corrections({OWN_KEY + own.id: said[OWN_FORM + own.id] for own in paper.own})
    chosen = house().catalogue.type(corrections.get(TYPE_KEY))
    corrections |= _corrections(dict(_other_own(said[OTHER_OWN], chosen)))
    duplicate = said.get("duplicate", UNDECIDED)
    return Verdict(
        paper_id=paper.paper_id,
        decision=Decision(said["decision"]),
        corrections=corrections,
        unit=said["unit"].strip() or None,
        dossier=said["dossier"].strip() or None,
        duplicate=None if duplicate == UNDECIDED else Duplicate(duplicate),
        reason=said["reason"].strip() or None,
    )


def _of_group(field: str, paper: AskedPaper, said: Mapping[str, Any]) -> Verdict:
    place = paper.position
    return Verdict(
        paper_id=paper.paper_id,
        decision=Decision(said[f"decision_{place}"]),
        corrections=_corrections({field: said[f"value_{place}"]}),
        reason=said[f"reason_{place}"].strip() or None,
    )


def _corrections(values: Mapping[str, str]) -> dict[str, str | None]:
    """What was entered; a type by the id in the brackets of its choice."""
    entered: dict[str, str | None] = {}
    for name, typed in values.items():
        text = typed.strip()
        if name == TYPE_KEY and text != KEEP:
            entered[name] = text.rpartition("[")[2].rstrip("]")
        elif name != TYPE_KEY and text:
            entered[name] = None if text == NOT_ON_PAPER else text
    return entered


def _other_own(text: str, chosen: DocumentType | None) -> Iterable[tuple[str, str]]:
    """The own fields of a newly chosen type, one a line by any of their labels."""
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and chosen is None:
        raise Undecided("trường riêng khi đổi loại: chỉ điền khi đã chọn loại khác")
    known = {
        fold(label): field.id
        for field in (chosen.fields if chosen else ())
        for label in (*field.all_labels, field.id)
    }
    for number, line in enumerate(lines, start=1):
        label, colon, value = line.partition(":")
        name = known.get(fold(label).strip())
        if name is None or not colon:
            raise Undecided(
                f"trường riêng khi đổi loại, dòng {number}: phải là «nhãn: giá trị», "
                "nhãn như trên mẫu của loại vừa chọn"
            )
        yield OWN_KEY + name, value
