"""The machine's decision: accept a paper's type and fields, or ask a person and say why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from domain.agreement import days_unlike_words, faults_among
from domain.catalogue import Catalogue
from domain.classify import classify
from domain.document_types import DocumentType, FieldName
from domain.extract import extract, extract_own
from domain.field_checks import derived_valid_until
from domain.record import FIELD_LABELS, FIELD_NAMES, Description, FieldValue, TypeGuess
from domain.words import PageText

TYPE_LABEL = "loại giấy tờ"
"""How reasons for review name the type."""
TYPE_KEY = "type"
"""The key under which a person corrects the type, by its catalogue id."""
OWN_KEY = "details."
"""What stands before the id of a type's own field where corrections are named."""
LONGEST_VALUE = 1000
"""Characters; longer corrections are refused."""
_COVER_CONFIDENCE = 0.9
"""An officer chose the type when the cover sheet was printed; sheets get mixed up now and then."""


class Thresholds(BaseModel):
    """How sure the machine must be (0–1) to go on without a person.

    A field is as sure as its least sure word. The defaults were found by
    `python -m benchmarks.fields --set calibration`, on papers that no report counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type_confidence: float = Field(default=0.75, ge=0.0, le=1.0)
    field_confidence: float = Field(default=0.7, ge=0.0, le=1.0)
    """Of the nine fields and of own fields that the type requires: under it a person is asked."""
    optional_confidence: float = Field(default=0.9, ge=0.0, le=1.0)
    """Of own fields that no paper waits for: under it the value is not recorded."""


DEFAULT_THRESHOLDS = Thresholds()


def describe(
    pages: Sequence[PageText],
    catalogue: Catalogue,
    *,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    today: date,
    hint: str | None = None,
) -> Description:
    """Type, all nine fields, and the reasons why a person must look; none: accepted.

    `hint` is the type that the paper's cover sheet names: it confirms what was recognised, stands
    in where nothing was, and is a reason for review where it says something else. Every reason is
    a Vietnamese sentence that begins with the name of the field.
    """
    guess, conflict = _hinted(classify(pages, catalogue), hint, catalogue)
    read = extract(pages, guess, catalogue, today=today)
    fields = {name: _weighed(read[name], thresholds) for name in FIELD_NAMES}
    entry = catalogue.type(guess.id)
    details = _weighed_own(extract_own(pages, guess, catalogue, today=today), entry, thresholds)
    details.update(days_unlike_words(details))
    _share_owner(fields, details, entry)
    _not_its_owners_number(fields, entry)
    for name, faults in faults_among(fields, details, entry, catalogue, today=today).items():
        fields[name] = fields[name].model_copy(update={"doubts": faults})
    _derive_term(fields, entry)
    reasons = (
        *_type_reasons(guess, thresholds),
        *conflict,
        *_reasons(fields),
        *_own_reasons(details, entry),
    )
    return Description(type=guess, fields=fields, details=details, review=reasons)


def _hinted(
    guess: TypeGuess, hint: str | None, catalogue: Catalogue
) -> tuple[TypeGuess, tuple[str, ...]]:
    """The guess with the cover sheet's word weighed in, and why the two do not agree."""
    if hint is None:
        return guess, ()
    named = catalogue.type(hint)
    if named is None:
        return guess, (f"{TYPE_LABEL}: tờ bìa ghi loại «{hint}» không có trong danh mục",)
    if guess.id not in {None, named.id}:
        conflict = f"{TYPE_LABEL}: tờ bìa ghi «{named.name}» nhưng trên giấy là «{guess.name}»"
        return guess, (conflict,)
    confidence = max(guess.confidence, _COVER_CONFIDENCE)
    evidence = (*guess.evidence, f"Tờ bìa ghi «{named.name}».")
    return TypeGuess(id=named.id, name=named.name, confidence=confidence, evidence=evidence), ()


def _weighed(value: FieldValue, thresholds: Thresholds) -> FieldValue:
    if value.value is None or value.source == "catalogue" or value.doubts:
        return value
    return _least(value, thresholds.field_confidence)


def _weighed_own(
    details: Mapping[str, FieldValue], entry: DocumentType | None, thresholds: Thresholds
) -> dict[str, FieldValue]:
    """Own fields weighed; a doubtful value that nobody waits for is not recorded."""
    weighed = dict(details)
    for field in entry.fields if entry else ():
        value = details.get(field.id, FieldValue())
        if value.value is None or value.doubts:
            continue
        if field.required:
            weighed[field.id] = _least(value, thresholds.field_confidence)
            continue
        sure = _least(value, thresholds.optional_confidence)
        weighed[field.id] = sure.model_copy(update={"value": None}) if sure.doubts else sure
    return weighed


def _least(value: FieldValue, least: float) -> FieldValue:
    if value.confidence >= least:
        return value
    doubt = f"độ tin cậy {value.confidence:.0%} thấp hơn ngưỡng {least:.0%}"
    return value.model_copy(update={"doubts": (doubt,)})


def _type_reasons(guess: TypeGuess, thresholds: Thresholds) -> tuple[str, ...]:
    because = " ".join(guess.evidence)
    if guess.id is None:
        return (f"{TYPE_LABEL}: chưa nhận ra. {because}".strip(),)
    if guess.confidence < thresholds.type_confidence:
        return (f"{TYPE_LABEL}: «{guess.name}» chưa chắc ({guess.confidence:.0%}). {because}",)
    return ()


def _reasons(fields: Mapping[FieldName, FieldValue]) -> tuple[str, ...]:
    return tuple(
        f"{FIELD_LABELS[name]}: {'; '.join(fields[name].doubts)}"
        for name in FIELD_NAMES
        if fields[name].doubts
    )


def _share_owner(
    fields: dict[FieldName, FieldValue],
    details: dict[str, FieldValue],
    entry: DocumentType | None,
) -> None:
    """The owner's identifier is read twice: by its own digits, and by the type's label for it.

    Each stands in for the other where that found nothing; where they differ, both are doubted.
    A type that has fields for identifiers of others (applicant, both spouses) has no owner.
    """
    if entry is not None and not entry.owner and any(f.kind == "person_id" for f in entry.fields):
        fields["owner_id"] = FieldValue()
    if entry is None or not entry.owner or entry.owner not in details:
        return
    read, own = fields["owner_id"], details[entry.owner]
    if read.value is None and own.value is not None:
        fields["owner_id"] = own
    elif own.value is None and read.value is not None:
        details[entry.owner] = read
    elif own.value != read.value:
        doubt = f"đọc được hai giá trị: «{read.value}» và «{own.value}»"
        fields["owner_id"] = read.model_copy(update={"doubts": (*read.doubts, doubt)})


def _not_its_owners_number(fields: dict[FieldName, FieldValue], entry: DocumentType | None) -> None:
    """What a citizen's card prints after "Số" is the holder's identifier, no number of the card."""
    same = fields["number"].value and fields["number"].value == fields["owner_id"].value
    if same and entry is not None and "number" not in entry.required:
        fields["number"] = FieldValue()


def _derive_term(fields: dict[FieldName, FieldValue], entry: DocumentType | None) -> None:
    """The term that follows from the type, where the paper prints none and its day is sure."""
    issued, term = fields["issue_date"], fields["valid_until"]
    if entry is None or term.value is not None or issued.value is None or issued.doubts:
        return
    last = derived_valid_until(entry, date.fromisoformat(issued.value))
    if last is not None:
        fields["valid_until"] = FieldValue(
            value=last.isoformat(), confidence=issued.confidence, source="derived"
        )


def _own_reasons(details: Mapping[str, FieldValue], entry: DocumentType | None) -> tuple[str, ...]:
    """Only required own fields make a paper wait."""
    return tuple(
        f"{field.label}: {'; '.join(details[field.id].doubts)}"
        for field in (entry.fields if entry else ())
        if field.required and field.id in details and details[field.id].doubts
    )
