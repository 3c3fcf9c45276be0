"""Administrative documents of types that have no form of their own in `administrative`."""

from __future__ import annotations

from deployments.samples import administrative, agencies, phrases
from deployments.samples.fonts import Style
from deployments.samples.forms import Composed
from deployments.samples.layout import (
    LEFT_CENTRE,
    MOTTO,
    NATION,
    RIGHT_CENTRE,
    Setting,
    signed_off,
)
from deployments.samples.sheet import Row, Sheet
from deployments.samples.truth import Fields
from deployments.samples.wording import day_month_year
from domain.document_types import DocumentType

_LETTERS_OF_OFFICE = ("THƯ CHÚC MỪNG", "THƯ KHEN", "THƯ CẢM ƠN")


def compose(entry: DocumentType, sheet: Sheet, setting: Setting) -> Composed:
    """Set a document of this type; what stands in it is returned."""
    if "number" not in entry.required:
        return Composed(_without_number(entry, sheet, setting), {})
    return Composed(administrative.compose_form(administrative.form_for(entry), sheet, setting), {})


def _without_number(entry: DocumentType, sheet: Sheet, setting: Setting) -> Fields:
    """Regulations (quy chế, quy định) come with a decision and name it; letters have no number."""
    rng = setting.rng
    agency = agencies.administrative_issuer(setting)
    top = sheet.y - 16
    left = [*(Row(line, 12.5) for line in agency.head)]
    left += [Row(line, 12.5, Style.BOLD) for line in agency.own]
    right = [Row(NATION, 12.5, Style.BOLD), Row(MOTTO, 13.5, Style.BOLD, rule=164)]
    attached = entry.id in {"quy-che", "quy-dinh"}
    dated = f"{agency.place}, {day_month_year(setting.issued)}"
    if not attached:
        right.append(Row(dated, 13.5, Style.ITALIC, space=8))
    ends = (sheet.block(left, LEFT_CENTRE, top), sheet.block(right, RIGHT_CENTRE, top))
    sheet.y = max(ends) + 24
    title = rng.choice(entry.titles) if entry.titles else rng.choice(_LETTERS_OF_OFFICE)
    topic = rng.choice(phrases.TOPICS)
    subject = None if not entry.titles else f"Về công tác {topic} trên địa bàn {agency.area}"
    sheet.heading(title, size=15, after=2)
    if subject:
        sheet.heading(subject, size=14, after=2)
    if attached:
        sheet.paragraph(
            f"(Ban hành kèm theo Quyết định số {rng.randrange(3, 90):02}/QĐ-{agency.symbol} "
            f"{day_month_year(setting.issued)} của {agency.name})",
            style=Style.ITALIC,
            align="centre",
            indent=0,
            after=2,
        )
    sheet.rule(90, after=14)
    facts = {"topic": topic, "area": agency.area, "year": str(setting.issued.year)}
    for number, sentence in enumerate(rng.sample(phrases.TASKS, 6), start=1):
        figures = {"n": str(rng.randrange(2, 9)), "m": str(rng.randrange(12, 98))}
        sheet.paragraph(f"**Điều {number}.** {sentence.format(**facts, **figures)}")
    signed_off(sheet, setting, agency, [], signer=agency.signer)
    return Fields(
        issue_date=None if attached else setting.issued,
        issuer=agency.name,
        title=title,
        subject=subject,
    )
