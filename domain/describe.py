"""The decision: accept a paper's type and fields, or ask a person and say why."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from domain.catalogue import Catalogue
from domain.classify import classify
from domain.document_types import DocumentType, FieldName
from domain.errors import Undecided
from domain.extract import extract, extract_own, type_fields
from domain.extract.dates import plausible
from domain.identifiers import identifier_faults, normalise_identifier
from domain.record import FIELD_LABELS, FIELD_NAMES, Description, FieldValue, TypeGuess
from domain.vietnamese import nfc
from domain.words import PageText

TYPE_LABEL = "loại giấy tờ"
"""How reasons for review name the type."""
TYPE_KEY = "type"
"""The key under which a person corrects the type, by its catalogue id."""
LONGEST_VALUE = 1000
"""Characters; longer corrections are refused."""
_COVER_CONFIDENCE = 0.9
"""An officer chose the type when the cover sheet was printed; sheets get mixed up now and then."""
_DATES: tuple[FieldName, ...] = ("issue_date", "valid_until")


class Thresholds(BaseModel):
    """How sure the machine must be (0–1) to go on without a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type_confidence: float = Field(default=0.75, ge=0.0, le=1.0)
    field_confidence: float = Field(default=0.6, ge=0.0, le=1.0)


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
    details = extract_own(pages, guess, catalogue, today=today)
    _share_owner(fields, details, catalogue.type(guess.id))
    reasons = (
        *_type_reasons(guess, thresholds),
        *conflict,
        *_reasons(fields),
        *_own_reasons(details, catalogue.type(guess.id)),
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
    if value.confidence >= thresholds.field_confidence:
        return value
    doubt = f"độ tin cậy {value.confidence:.0%} thấp hơn ngưỡng {thresholds.field_confidence:.0%}"
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
    """
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


def _own_reasons(details: Mapping[str, FieldValue], entry: DocumentType | None) -> tuple[str, ...]:
    """Only required own fields make a paper wait."""
    return tuple(
        f"{field.label}: {'; '.join(details[field.id].doubts)}"
        for field in (entry.fields if entry else ())
        if field.required and field.id in details and details[field.id].doubts
    )


def redescribe(
    description: Description,
    corrections: Mapping[str, str | None],
    catalogue: Catalogue,
    *,
    today: date,
) -> Description:
    """The description as a person decided it: corrected values, the rest confirmed as it stands.

    Keys are field names, and `type` for the catalogue id of the type; None says that the paper
    has no such value. Raises Undecided, in Vietnamese, for unknown keys, a type that is not in
    the catalogue or still unknown, and values that cannot be right.
    """
    _refuse_unknown(corrections)
    guess = _decided_type(description.type, corrections, catalogue)
    fields = {
        name: value.model_copy(update={"doubts": ()}) for name, value in description.fields.items()
    }
    entry = catalogue.type(guess.id)
    if entry is None:
        raise Undecided(f"{TYPE_LABEL}: «{guess.id}» không còn trong danh mục; chọn loại khác.")
    if guess.id != description.type.id:
        by_person = {"source": "person", "confidence": 1.0}
        for name, value in type_fields(entry, 1.0).items():
            fields[name] = value.model_copy(update=by_person)
    for key, text in corrections.items():
        for name in FIELD_NAMES:
            if key == name:
                fields[name] = _by_person(name, text, today)
    if fields["type_code"].value not in {entry.code or entry.id, entry.id}:
        raise Undecided(
            f"{FIELD_LABELS['type_code']}: «{fields['type_code'].value}» không phải mã của loại "
            f"«{entry.name}»; sửa loại giấy tờ thay vì sửa mã."
        )
    _check_order(fields)
    return Description(type=guess, fields=fields, review=())


def _refuse_unknown(corrections: Mapping[str, str | None]) -> None:
    unknown = sorted(set(corrections) - {TYPE_KEY, *FIELD_NAMES})
    if unknown:
        known = ", ".join((TYPE_KEY, *FIELD_NAMES))
        raise Undecided(f"Không có trường «{', '.join(unknown)}»; các trường: {known}.")


def _decided_type(
    guess: TypeGuess, corrections: Mapping[str, str | None], catalogue: Catalogue
) -> TypeGuess:
    if TYPE_KEY not in corrections:
        if guess.id is None:
            raise Undecided(f"{TYPE_LABEL}: chưa rõ loại; chọn một loại trong danh mục (type=…).")
        return guess
    entry = catalogue.type(corrections[TYPE_KEY])
    if entry is None:
        raise Undecided(f"{TYPE_LABEL}: «{corrections[TYPE_KEY]}» không có trong danh mục.")
    evidence = (f"Người kiểm tra xác định là «{entry.name}».",)
    return TypeGuess(id=entry.id, name=entry.name, confidence=1.0, evidence=evidence)


def _by_person(name: FieldName, text: str | None, today: date) -> FieldValue:
    if text is None:
        return FieldValue(confidence=1.0, source="person")
    value = nfc(" ".join(text.split()))
    if not value or len(value) > LONGEST_VALUE:
        raise Undecided(f"{FIELD_LABELS[name]}: giá trị trống hoặc quá dài.")
    if any(unicodedata.category(char) in {"Cc", "Cf"} for char in value):
        raise Undecided(f"{FIELD_LABELS[name]}: có ký tự điều khiển không in được.")
    if name in _DATES:
        value = _checked_date(name, value, today)
    if name == "owner_id":
        value = normalise_identifier(value)
        faults = identifier_faults(value, today=today)
        if faults:
            raise Undecided(f"{FIELD_LABELS[name]}: {'; '.join(faults)}.")
    if name == "number" and not any(char.isalnum() for char in value):
        raise Undecided(f"{FIELD_LABELS[name]}: «{value}» không có chữ hoặc số nào.")
    return FieldValue(value=value, confidence=1.0, source="person")


def _checked_date(name: FieldName, value: str, today: date) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise Undecided(
            f"{FIELD_LABELS[name]}: «{value}» không phải ngày dạng năm-tháng-ngày (2026-02-09)."
        ) from error
    faults = plausible(day, today) if name == "issue_date" else ()
    if faults:
        raise Undecided(f"{FIELD_LABELS[name]}: «{value}»: {'; '.join(faults)}.")
    return day.isoformat()


def _check_order(fields: Mapping[FieldName, FieldValue]) -> None:
    issued, until = fields["issue_date"].value, fields["valid_until"].value
    if issued and until and until < issued:
        raise Undecided(f"{FIELD_LABELS['valid_until']}: {until} trước ngày cấp {issued}.")
