"""The decision of a person: corrected values, the rest confirmed as it stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date

from domain.catalogue import Catalogue
from domain.describe import LONGEST_VALUE, OWN_KEY, TYPE_KEY, TYPE_LABEL
from domain.document_types import DocumentType, FieldName
from domain.errors import Undecided
from domain.extract import type_fields
from domain.extract.dates import plausible
from domain.extract.own_values import checked_text
from domain.identifiers import identifier_faults, normalise_identifier
from domain.record import FIELD_LABELS, FIELD_NAMES, Description, FieldValue, TypeGuess
from domain.vietnamese import nfc

_DATES: tuple[FieldName, ...] = ("issue_date", "valid_until")


def redescribe(
    description: Description,
    corrections: Mapping[str, str | None],
    catalogue: Catalogue,
    *,
    today: date,
) -> Description:
    """The description as a person decided it: corrected values, the rest confirmed as it stands.

    Keys are field names, `type` for the catalogue id of the type, and `details.` with the id of
    one of the type's own fields; None says that the paper has no such value. Where the person
    says that it is of another type, the own fields of the former one are dropped. Raises
    Undecided, in Vietnamese, for unknown keys, a type that is not in the catalogue or still
    unknown, and values that cannot be right.
    """
    guess = _decided_type(description.type, corrections, catalogue)
    _refuse_unknown(corrections, catalogue.type(guess.id))
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
    kept = description.details if guess.id == description.type.id else {}
    details = _decided_details(kept, corrections, entry, today)
    _share_decided(fields, details, corrections, entry)
    return Description(type=guess, fields=fields, details=details, review=())


def _decided_details(
    details: Mapping[str, FieldValue],
    corrections: Mapping[str, str | None],
    entry: DocumentType,
    today: date,
) -> dict[str, FieldValue]:
    decided = {name: value.model_copy(update={"doubts": ()}) for name, value in details.items()}
    for field in entry.fields:
        key = OWN_KEY + field.id
        if key not in corrections:
            decided.setdefault(field.id, FieldValue())
            continue
        text = corrections[key]
        value, faults = (None, ()) if text is None else checked_text(field, text, today=today)
        if faults or (value is not None and len(value) > LONGEST_VALUE):
            raise Undecided(f"{field.label}: {'; '.join(faults) or 'giá trị quá dài'}.")
        decided[field.id] = FieldValue(value=value, confidence=1.0, source="person")
    return decided


def _share_decided(
    fields: dict[FieldName, FieldValue],
    details: dict[str, FieldValue],
    corrections: Mapping[str, str | None],
    entry: DocumentType,
) -> None:
    """A corrected owner's identifier is corrected in both places; two that differ are refused."""
    own = OWN_KEY + entry.owner
    if not entry.owner or not {"owner_id", own} & set(corrections):
        return
    if "owner_id" not in corrections:
        fields["owner_id"] = details[entry.owner]
    elif own not in corrections:
        details[entry.owner] = fields["owner_id"]
    elif fields["owner_id"].value != details[entry.owner].value:
        raise Undecided(
            f"{FIELD_LABELS['owner_id']}: «{fields['owner_id'].value}» khác với trường riêng "
            f"«{details[entry.owner].value}»."
        )


def _refuse_unknown(corrections: Mapping[str, str | None], entry: DocumentType | None) -> None:
    own = [OWN_KEY + field.id for field in entry.fields] if entry else []
    unknown = sorted(set(corrections) - {TYPE_KEY, *FIELD_NAMES, *own})
    if unknown:
        known = ", ".join((TYPE_KEY, *FIELD_NAMES, *own))
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
