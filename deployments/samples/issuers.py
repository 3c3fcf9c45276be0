"""Which agency issues a paper, guessed from the words of its title; good enough for samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from deployments.samples import agencies
from deployments.samples.layout import Agency, Setting
from domain.vietnamese import fold

_POLICE_TOOK_OVER = date(2025, 3, 1)
"""Licences to drive and criminal records went to the police (Công an) on this day."""


def issuer_of(title: str, setting: Setting) -> Agency:
    """The agency whose letterhead a paper with this title carries, on the day it is issued."""
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
