"""Which agency issues a paper: one that the catalogue names for its type, else by its title."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from catalogues import load_catalogue
from deployments.samples import agencies
from deployments.samples.layout import Agency, Setting
from domain.document_types import DocumentType
from domain.vietnamese import fold

_POLICE_TOOK_OVER = date(2025, 3, 1)
"""Licences to drive and criminal records went to the police (Công an) on this day."""


def issuer_of(entry: DocumentType, title: str, setting: Setting) -> Agency:
    """The agency whose letterhead a paper of this type carries, on the day it is issued."""
    named = [drawn for one in entry.issuers if (drawn := _named(one, setting)) is not None]
    return setting.rng.choice(named) if named else _by_title(title, setting)


def _named(agency_id: str, setting: Setting) -> Agency | None:
    """An agency of the catalogue, where it existed on the day and its letterhead is known here."""
    found = load_catalogue().agency(agency_id)
    if found is None or not found.exists_on(setting.issued):
        return None
    if agency_id in _COMMITTEES:
        return _COMMITTEES[agency_id](setting)
    if agency_id.startswith("so-"):
        return agencies.department(setting, found.name, found.symbols[0])
    return None


def _by_title(title: str, setting: Setting) -> Agency:
    words = fold(title)
    for part, draw in _BY_WORD.items():
        if part in words:
            return draw(setting)
    return setting.rng.choice((agencies.commune_committee, agencies.province_committee))(setting)


def _police(before: str, symbol: str) -> Callable[[Setting], Agency]:
    def draw(setting: Setting) -> Agency:
        if setting.issued < _POLICE_TOOK_OVER:
            return agencies.department(setting, before, symbol)
        province = f"tỉnh {setting.place.province}"
        office = agencies.department(setting, f"Công an {province}", "CAT")
        return replace(office, head=("BỘ CÔNG AN",), own=("CÔNG AN", province.upper()))

    return draw


def _insurance(setting: Setting) -> Agency:
    province = f"tỉnh {setting.place.province}"
    office = agencies.department(setting, f"Bảo hiểm xã hội {province}", "BHXH")
    head = ("BẢO HIỂM XÃ HỘI VIỆT NAM",)
    return replace(office, head=head, own=("BẢO HIỂM XÃ HỘI", province.upper()))


def _department(old: str, symbol: str, new: str = "") -> Callable[[Setting], Agency]:
    def draw(setting: Setting) -> Agency:
        name = (new or old) if setting.reformed else old
        return agencies.department(setting, name, symbol)

    return draw


def _land(setting: Setting) -> Agency:
    if setting.rng.random() < 0.5:
        return agencies.local_committee(setting)
    new = "Sở Nông nghiệp và Môi trường"
    return _department("Sở Tài nguyên và Môi trường", "SNNMT", new)(setting)


_COMMITTEES: dict[str, Callable[[Setting], Agency]] = {
    "uy-ban-nhan-dan-tinh": agencies.province_committee,
    "uy-ban-nhan-dan-huyen": agencies.district_committee,
    "uy-ban-nhan-dan-xa": agencies.commune_committee,
    "bao-hiem-xa-hoi": _insurance,
    "cong-an": _police("Công an", "CA"),
}
_BY_WORD: dict[str, Callable[[Setting], Agency]] = {
    "trich luc": agencies.commune_committee,
    "khai sinh": agencies.commune_committee,
    "ket hon": agencies.commune_committee,
    "lai xe": _police("Sở Giao thông vận tải", "SGTVT"),
    "ly lich tu phap": _police("Sở Tư pháp", "STP"),
    "cu tru": agencies.commune_committee,
    "duoc": _department("Sở Y tế", "SYT"),
    "kham benh": _department("Sở Y tế", "SYT"),
    "hanh nghe": _department("Sở Y tế", "SYT"),
    "an toan thuc pham": _department("Sở Công Thương", "SCT", "Sở Y tế"),
    "bao hiem": _insurance,
    "ruou": agencies.local_committee,
    "thuoc la": _department("Sở Công Thương", "SCT"),
    "van tai": _department("Sở Giao thông vận tải", "SGTVT", "Sở Xây dựng"),
    "su dung dat": _land,
    "moi truong": _department(
        "Sở Tài nguyên và Môi trường", "SNNMT", "Sở Nông nghiệp và Môi trường"
    ),
    "lao dong": _department("Sở Lao động - Thương binh và Xã hội", "SNV", "Sở Nội vụ"),
    "dau tu": _department("Sở Kế hoạch và Đầu tư", "STC", "Sở Tài chính"),
    "giao duc": _department("Sở Giáo dục và Đào tạo", "SGDĐT"),
    "dau khi": _department("Sở Công Thương", "SCT"),
    "xang dau": _department("Sở Công Thương", "SCT"),
}
