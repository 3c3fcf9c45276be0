"""The agencies that issue papers, of both generations: with districts and without."""

from __future__ import annotations

from deployments.samples.layout import Agency, Setting

_COMMITTEE = "ỦY BAN NHÂN DÂN"
_SIGNERS = (
    ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
    ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
)


def _committee(setting: Setting, level: str, name: str, head: tuple[str, ...], seat: str) -> Agency:
    area = f"{level} {name}"
    return Agency(
        head=head,
        own=(_COMMITTEE, area.upper()),
        name=f"Ủy ban nhân dân {area}",
        symbol="UBND",
        place=seat,
        area=area,
        signer=setting.rng.choice(_SIGNERS),
        seal=(f"{_COMMITTEE} {area.upper()} ★", f"TỈNH\n{setting.place.province.upper()}"),
    )


def province_committee(setting: Setting) -> Agency:
    """UBND tỉnh."""
    place = setting.place
    return _committee(setting, "tỉnh", place.province, (), place.seat)


def district_committee(setting: Setting) -> Agency:
    """UBND huyện; only for papers issued before the districts ended."""
    return _committee(setting, "huyện", setting.place.district, (), setting.place.district)


def commune_committee(setting: Setting) -> Agency:
    """UBND xã, under its district or, later, its province."""
    place = setting.place
    above = f"HUYỆN {place.district.upper()}" if place.district else ""
    head = (above,) if above else (f"TỈNH {place.province.upper()}",)
    return _committee(setting, "xã", place.commune, head, place.commune)


def department(setting: Setting, name: str, symbol: str, *, director: str = "GIÁM ĐỐC") -> Agency:
    """A department (sở) under UBND tỉnh."""
    place = setting.place
    province = f"TỈNH {place.province.upper()}"
    return Agency(
        head=(f"{_COMMITTEE}", province),
        own=(name.upper(),),
        name=name,
        symbol=symbol,
        place=place.seat,
        area=f"tỉnh {place.province}",
        signer=setting.rng.choice(((director,), (f"KT. {director}", f"PHÓ {director}"))),
        seal=(f"{name.upper()} {province} ★", province.replace(" ", "\n", 1)),
    )


def local_committee(setting: Setting) -> Agency:
    """The committee that deals with households: the district's before, the commune's after."""
    return commune_committee(setting) if setting.reformed else district_committee(setting)


def administrative_issuer(setting: Setting) -> Agency:
    """An issuer of ordinary administrative documents, drawn at random."""
    lower = commune_committee if setting.reformed else district_committee
    draws = (
        province_committee,
        province_committee,
        lower,
        lambda where: department(where, "Sở Nội vụ", "SNV"),
        lambda where: department(where, "Sở Xây dựng", "SXD"),
    )
    return setting.rng.choice(draws)(setting)
