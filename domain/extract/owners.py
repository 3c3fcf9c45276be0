"""The owner's identifier (mã định danh của tổ chức, cá nhân), by its label and its own digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.extract.dates import parse_dates
from domain.extract.handwriting import pen_signs
from domain.extract.layout import Run
from domain.identifiers import identifier_faults, normalise_identifier

_ENTERPRISE = r"ma so doanh nghiep|ma so thue|ma so ho kinh doanh|ma so hop tac xa"
_PERSON = (
    r"so dinh danh ca nhan|ma so dinh danh|ma dinh danh|can cuoc cong dan(?: so)?|can cuoc(?: so)?|"
    r"cccd(?: so)?|cmnd(?: so)?|chung minh nhan dan(?: so)?|so giay to phap ly(?: cua ca nhan)?|"
    r"so (?:cccd|cmnd|can cuoc(?: cong dan)?|ddcn)|so ho chieu|ho chieu(?: so)?"
)
_LABEL = re.compile(rf"(?P<org>{_ENTERPRISE})|(?P<person>{_PERSON})")
_AFTER = re.compile(
    r"[^\w\n]*(?:so)?\W*(?P<id>[a-z]\d[\d .]{5,12}|[\dolisb][\dolisb .]{7,18}(?:-\d{3})?)"
)
_OTHERS = re.compile(
    r"nguoi (?:me|cha|bo|di khai|yeu cau|di dang ky|dai dien)|ten (?:me|cha)\b|"
    r"ho .{0,20}(?:cua )?(?:me|cha):"
)
_BORN = re.compile(r"(?:ngay, ?thang, ?nam sinh|sinh ngay|ngay sinh)\b")
_BORN_YEAR = re.compile(r"nam sinh\s*:?\s*(?P<year>(?:19|20)\d{2})")
_SEX = re.compile(r"gioi tinh\s*:?\s*(?P<sex>nam|nu)\b")
_LOW = 0.75


@dataclass(frozen=True)
class OwnerRead:
    """An identifier as read; doubts say why its digits may be wrong."""

    value: str
    confidence: float
    run: Run
    doubts: tuple[str, ...] = ()


def read_owner(runs: Sequence[Run], *, today: date) -> OwnerRead | None:
    """The identifier of whom the paper is about; None when it names none, or two persons alike.

    Identifiers of parents, informants and representatives stand after their own labels and are
    never taken.
    """
    own = _own_part(runs)
    found = [read for run in own for read in _identifiers(run)]
    organisations = [read for kind, read in found if kind == "org"]
    people = [read for kind, read in found if kind == "person"]
    if not found or (not organisations and len({read.value for read in people}) > 1):
        return None
    first = (organisations or people)[0]
    born, female = _facts(own) if not organisations else (None, None)
    faults = identifier_faults(first.value, today=today, born=born, female=female)
    return OwnerRead(first.value, first.confidence, first.run, (*first.doubts, *faults))


def _own_part(runs: Sequence[Run]) -> list[Run]:
    own = []
    for run in runs:
        if _OTHERS.search(run.folded):
            break
        own.append(run)
    return own


def _identifiers(run: Run) -> list[tuple[str, OwnerRead]]:
    found = []
    for label in _LABEL.finditer(run.folded):
        value = _AFTER.match(run.folded, label.end())
        if value is None:
            continue
        words = run.covering(*value.span("id"))
        text = run.text[value.start("id") : value.end("id")].strip(" .")
        clean = normalise_identifier(text)
        signs = list(pen_signs(words, ()))
        if not clean.replace("-", "").isascii() or re.search(r"[a-zA-Z]", clean[1:]):
            signs.append("có ký tự không phải chữ số")
        kind = "org" if label["org"] else "person"
        part = run.part(words)
        found.append((kind, OwnerRead(clean, min(w.confidence for w in words), part, tuple(signs))))
    return found


def _facts(own: Sequence[Run]) -> tuple[date | int | None, bool | None]:
    born: date | int | None = None
    female: bool | None = None
    for run in own:
        label = _BORN.search(run.folded)
        if label and born is None:
            born = next(iter(parse_dates(run.text[label.end() :])), None)
        year = _BORN_YEAR.search(run.folded)
        if year and born is None:
            born = int(year["year"])
        sex = _SEX.search(run.folded)
        if sex and female is None:
            female = sex["sex"] == "nu"
    return born, female
