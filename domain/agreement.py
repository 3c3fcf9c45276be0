"""Whether what was read of one paper agrees with itself and with the catalogue.

Number with type and issuer, terms with days, an identifier with birth and sex: each fault becomes
a doubt of the field that it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from domain.catalogue import Catalogue
from domain.document_types import DocumentType, FieldName
from domain.extract.spoken_dates import day_in_words
from domain.field_checks import (
    number_faults,
    type_date_faults,
    type_issuer_faults,
    validity_faults,
)
from domain.identifiers import identifier_faults
from domain.issuers import issuer_faults, resolve_issuer
from domain.record import FieldValue

_REGISTERED_AT = "registered_at"
"""The own field that names where a birth was registered: its province opens the identifier."""
_IN_WORDS = "_words"
"""What the id of a field ends with that repeats a day in words."""
_BIRTH_CERTIFICATE = "giay-khai-sinh"
"""Its identifier is given with it, by the same registrar."""


def faults_among(
    fields: Mapping[FieldName, FieldValue],
    details: Mapping[str, FieldValue],
    entry: DocumentType | None,
    catalogue: Catalogue,
    *,
    today: date,
) -> dict[FieldName, tuple[str, ...]]:
    """The fields that others contradict, with Vietnamese reasons; values in doubt prove nothing.

    A field that is already doubted is not doubted again for the same sign.
    """
    if entry is None:
        return {}
    sure = {name: value.value for name, value in fields.items() if not value.doubts}
    issued, until = _day(sure.get("issue_date")), _day(sure.get("valid_until"))
    found: dict[FieldName, tuple[str, ...]] = {}
    number, issuer = sure.get("number"), sure.get("issuer")
    if number:
        found["number"] = number_faults(
            number, catalogue, type_id=entry.id, issuer=issuer, issued=issued
        )
    if issuer:
        found["issuer"] = (
            *type_issuer_faults(entry, issuer, catalogue),
            *(issuer_faults(issuer, issued, catalogue) if issued else ()),
        )
    if issued:
        found["issue_date"] = type_date_faults(entry, issued)
    if until:
        found["valid_until"] = validity_faults(entry, issued, until)
    owner = sure.get("owner_id")
    holder = entry.field(entry.owner)
    if owner and holder and holder.kind == "person_id":
        found["owner_id"] = _owner_faults(owner, details, entry, catalogue, today)
    return {name: faults for name, faults in found.items() if faults}


def days_unlike_words(details: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """The own days that the paper's words (`<id>_words`) give differently, doubted."""
    doubted = {}
    for name, value in details.items():
        words = details.get(name + _IN_WORDS)
        said = day_in_words(words.value) if words is not None and words.value else None
        day = _day(value.value)
        if said is not None and day is not None and said != day:
            doubt = f"bằng số là {day:%d/%m/%Y}, bằng chữ là {said:%d/%m/%Y}"
            doubted[name] = value.model_copy(update={"doubts": (*value.doubts, doubt)})
    return doubted


def _owner_faults(
    owner: str,
    details: Mapping[str, FieldValue],
    entry: DocumentType,
    catalogue: Catalogue,
    today: date,
) -> tuple[str, ...]:
    """The digits against day of birth, sex, and the province that registered the birth."""
    known = {name: value.value for name, value in details.items() if not value.doubts}
    sex = known.get("sex")
    return identifier_faults(
        owner,
        today=today,
        born=_day(known.get("born")),
        female=sex == "Nữ" if sex else None,
        provinces=frozenset(_provinces(known.get(_REGISTERED_AT), entry, catalogue)),
    )


def _provinces(place: str | None, entry: DocumentType, catalogue: Catalogue) -> Iterator[str]:
    if place is None or entry.id != _BIRTH_CERTIFICATE:
        return
    for unit in resolve_issuer(place, catalogue).units:
        if unit.level == "province":
            yield from catalogue.province_codes(unit.id)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
