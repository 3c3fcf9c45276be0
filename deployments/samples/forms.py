"""A paper of any type that the catalogue names, laid out in one of the ways offices lay them out.

Types with a composer of their own look more like the real form; this drawer is for the rest, so
that no entry of the catalogue goes unmeasured.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import NamedTuple

from deployments.samples import form_rows
from deployments.samples.fonts import Style
from deployments.samples.issuers import issuer_of
from deployments.samples.layout import (
    RIGHT_CENTRE,
    Agency,
    Setting,
    centred_head,
    letterhead,
    signed_off,
)
from deployments.samples.people import Person, draw_date, draw_person, draw_place
from deployments.samples.sheet import Row, Sheet
from deployments.samples.truth import Fields
from deployments.samples.wording import day_month_year, slashed
from domain.document_types import DocumentType

_LONGEST_LINE = 34
"""Letters of a title's line, over which it is broken."""


class Composed(NamedTuple):
    """What stands on a drawn form: the nine fields and the type's own."""

    fields: Fields
    details: dict[str, str]


def compose(entry: DocumentType, sheet: Sheet, setting: Setting) -> Composed:
    """Set a form of this type: a result with an agency's head, or what a citizen hands in."""
    setting = _while_issued(entry, setting)
    if entry.group == "input":
        return _handed_in(entry, sheet, setting)
    return _result(entry, sheet, setting)


def _while_issued(entry: DocumentType, setting: Setting) -> Setting:
    """The setting, moved before the day on which papers of this type were last issued."""
    last = entry.valid_until
    if last is None or setting.issued <= last:
        return setting
    issued = draw_date(setting.rng, last - timedelta(days=3 * 365), last)
    return replace(setting, issued=issued, place=draw_place(setting.rng, issued))


def _result(entry: DocumentType, sheet: Sheet, setting: Setting) -> Composed:
    rng = setting.rng
    title = rng.choice(entry.titles)
    agency = issuer_of(entry, title, setting)
    number = _number(entry, agency, setting)
    owner = draw_person(rng, setting.place)
    with_letterhead = rng.random() < 0.7
    if with_letterhead:
        letterhead(sheet, setting, agency, [Row(f"Số: {number}", 13, space=8)])
    else:
        centred_head(sheet)
    _title(sheet, title, rng)
    if not with_letterhead:
        sheet.paragraph(f"Số: {number}", align="centre", indent=0, after=8, size=13.5)
    rows, details = _own_rows(entry, owner, setting)
    owner_id = details.get(entry.owner)
    if not entry.fields and "owner_id" in entry.required:
        described = form_rows.owner_of(title, setting)
        rows, owner_id = [*described.rows], described.identifier
    scope = until = None
    if "scope" in entry.required:
        scope = next((row.partition(": ")[2] for row in rows if row.startswith("Phạm vi")), None)
        if scope is None:  # no form says it twice
            row, scope = form_rows.scope_row(setting)
            rows.append(row)
    if "valid_until" in entry.required:
        row, until = form_rows.term_row(setting, entry.name, most=entry.validity.months)
        rows.append(row)
    if not with_letterhead:
        rows += [f"Cơ quan cấp: {agency.name}", f"Ngày cấp: {slashed(setting.issued)}"]
    _set_rows(sheet, form_rows.numbered(rng, rows))
    receivers = [Row("Nơi nhận:", 12, Style.BOLD_ITALIC), Row("- Như trên;", 11)]
    left = receivers if with_letterhead and rng.random() < 0.5 else []
    signed_off(sheet, setting, agency, left, signer=agency.signer)
    fields = Fields(
        number=number,
        issue_date=setting.issued,
        issuer=agency.name,
        title=title,
        owner_id=owner_id,
        valid_until=until,
        scope=scope,
    )
    return Composed(fields, details)


def _handed_in(entry: DocumentType, sheet: Sheet, setting: Setting) -> Composed:
    """A paper that a person fills in: nation and motto, a title, to whom, rows, day and name."""
    rng = setting.rng
    title = rng.choice(entry.titles)
    agency = issuer_of(entry, title, setting)
    owner = draw_person(rng, setting.place)
    centred_head(sheet)
    _title(sheet, title, rng)
    number = None
    if "number" in entry.required:
        number = _number(entry, agency, setting)
        sheet.paragraph(f"Số: {number}", align="centre", indent=0, after=8, size=13.5)
    if title.startswith(("TỜ KHAI", "ĐƠN", "GIẤY ĐỀ NGHỊ")):
        sheet.paragraph(f"Kính gửi: {agency.name}", align="centre", indent=0, after=10)
    rows, details = _own_rows(entry, owner, setting)
    owner_id = details.get(entry.owner)
    if not rows:
        rows = [*form_rows.person_rows(rng, owner, form_rows.home(setting))]
        owner_id = owner.number
    _set_rows(sheet, form_rows.numbered(rng, rows))
    sheet.paragraph(
        "Tôi cam đoan những nội dung khai trên đây là đúng sự thật và chịu trách nhiệm trước "
        "pháp luật về cam đoan của mình.",
        size=13.5,
        after=12,
    )
    _signed_by(sheet, owner, f"{setting.place.commune}, {day_month_year(setting.issued)}", rng)
    fields = Fields(number=number, issue_date=setting.issued, title=title, owner_id=owner_id)
    return Composed(fields, details)


def _signed_by(sheet: Sheet, person: Person, dated: str, rng: Random) -> None:
    sheet.room(150)
    rows = [
        Row(dated, 13.5, Style.ITALIC),
        Row(rng.choice(("NGƯỜI KHAI", "NGƯỜI LÀM ĐƠN", "NGƯỜI ĐỀ NGHỊ")), 13, Style.BOLD),
        Row("(Ký, ghi rõ họ tên)", 12, Style.ITALIC),
        Row(person.name, 13.5, Style.BOLD, space=50),
    ]
    sheet.y = sheet.block(rows, RIGHT_CENTRE, sheet.y + 6) + 10


def _own_rows(
    entry: DocumentType, owner: Person, setting: Setting
) -> tuple[list[str], dict[str, str]]:
    rows: list[str] = []
    details: dict[str, str] = {}
    for field in entry.fields:
        if not field.required and field.id != entry.owner and setting.rng.random() < 0.2:
            continue  # forms leave out what does not apply
        row, value = form_rows.own_row(field, owner, setting, details)
        rows.append(row)
        details[field.id] = value
    return rows, details


def _set_rows(sheet: Sheet, rows: list[str]) -> None:
    for row in rows:
        sheet.paragraph(row, size=13.5, align="left", indent=0, after=5)
    sheet.y += 10


def _title(sheet: Sheet, title: str, rng: Random) -> None:
    size = rng.choice((14.5, 16.0, 17.0))
    words, lines = title.split(" "), [""]
    for word in words:
        if len(lines[-1]) + len(word) > _LONGEST_LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    for line in lines:
        sheet.heading(line, size=size, after=0)
    sheet.y += 12


def _number(entry: DocumentType, agency: Agency, setting: Setting) -> str:
    """A number as papers of this type carry it; one that fits the form where that is fixed."""
    rng = setting.rng
    serial = f"{rng.randrange(3, 980):02}"
    drawn = [
        f"{serial}/{entry.symbol}-{agency.symbol}" if entry.symbol else "",
        f"{serial}/{entry.symbol}" if entry.symbol and entry.group == "result" else "",
        f"{serial}/{setting.issued.year}" if not entry.symbol else "",
        f"{serial}/GCN-{agency.symbol}" if not entry.symbol else "",
    ]
    if not entry.number_form:
        return rng.choice([one for one in drawn if one])
    fitting = _sampled(entry.number_form, rng)
    if not re.fullmatch(entry.number_form, fitting):
        raise ValueError(f"no number of the form {entry.number_form}: {entry.id}")
    return fitting


_PART = re.compile(r"\(([^()]*)\)\?|(\\d|\[A-Z\]|[^\\])(?:\{(\d+)(?:,\d+)?\})?")


def _sampled(form: str, rng: Random) -> str:
    r"""A number of this form, of which the catalogue uses digits, capitals, `{n}`, `|`, `(…)?`."""
    drawn = []
    for optional, kind, times in _PART.findall(rng.choice(form.split("|"))):
        if optional:
            drawn.append(_sampled(optional, rng) if rng.random() < 0.5 else "")
            continue
        letters = {"\\d": "0123456789", "[A-Z]": "ABCDEGHKLMNPSTVX"}.get(kind, kind)
        drawn.append("".join(rng.choice(letters) for _ in range(int(times or 1))))
    return "".join(drawn)
