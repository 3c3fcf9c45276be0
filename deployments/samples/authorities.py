"""Authorities beside committees and departments: ministries, courts, councils, the Party.

Their papers differ where recognition is easily fooled: a parent above, a name over two lines, no
national name (the Party), a year in the number, a unit after the symbol.
"""

from __future__ import annotations

from random import Random

from deployments.samples.layout import Agency, Setting

# {P} {p}: province in capitals and as usual; {C} {c}: commune; {S}: the province's seat.
# group | lines above | own lines | name | symbol | units after it | signer | place before the date
_TABLE = """
ministry || BỘ TÀI CHÍNH | Bộ Tài chính | BTC | NSNN,QLCS | KT. BỘ TRƯỞNG/THỨ TRƯỞNG | Hà Nội
ministry || BỘ NỘI VỤ | Bộ Nội vụ | BNV | CCHC,TCBC | KT. BỘ TRƯỞNG/THỨ TRƯỞNG | Hà Nội
ministry || BỘ XÂY DỰNG | Bộ Xây dựng | BXD | QHKT | KT. BỘ TRƯỞNG/THỨ TRƯỞNG | Hà Nội
ministry || BỘ VĂN HÓA, THỂ THAO/VÀ DU LỊCH | Bộ Văn hóa, Thể thao và Du lịch | BVHTTDL | VHCS | \
KT. BỘ TRƯỞNG/THỨ TRƯỞNG | Hà Nội
ministry || BỘ KHOA HỌC/VÀ CÔNG NGHỆ | Bộ Khoa học và Công nghệ | BKHCN | CĐSQG | BỘ TRƯỞNG | Hà Nội
central || VĂN PHÒNG CHÍNH PHỦ | Văn phòng Chính phủ | VPCP | KSTT,KTTH | \
KT. BỘ TRƯỞNG, CHỦ NHIỆM/PHÓ CHỦ NHIỆM | Hà Nội
central || THANH TRA CHÍNH PHỦ | Thanh tra Chính phủ | TTCP | VP | TỔNG THANH TRA | Hà Nội
central | BỘ TÀI CHÍNH | CỤC THUẾ | Cục Thuế | CT | NVT,CS | KT. CỤC TRƯỞNG/PHÓ CỤC TRƯỞNG | Hà Nội
central | BỘ TÀI CHÍNH | TỔNG CỤC THUẾ | Tổng cục Thuế | TCT | CS | TỔNG CỤC TRƯỞNG | Hà Nội
central | BỘ TÀI CHÍNH | CỤC HẢI QUAN | Cục Hải quan | CHQ | GSQL | CỤC TRƯỞNG | Hà Nội
local | CỤC THUẾ | THUẾ TỈNH {P} | Thuế tỉnh {p} | TT | QLDN | TRƯỞNG THUẾ TỈNH | {S}
local | TỔNG CỤC THUẾ | CỤC THUẾ TỈNH {P} | Cục Thuế tỉnh {p} | CT | TTHT | CỤC TRƯỞNG | {S}
local | CỤC THUẾ | CHI CỤC THUẾ/KHU VỰC XIII | Chi cục Thuế khu vực XIII | CCTKV | NVDTPC | \
CHI CỤC TRƯỞNG | {S}
local || TÒA ÁN NHÂN DÂN/TỈNH {P} | Tòa án nhân dân tỉnh {p} | TA | TCCB | CHÁNH ÁN | {S}
local | VIỆN KIỂM SÁT/NHÂN DÂN TỐI CAO | VIỆN KIỂM SÁT NHÂN DÂN/TỈNH {P} | \
Viện kiểm sát nhân dân tỉnh {p} | VKS | VP | VIỆN TRƯỞNG | {S}
local || HỘI ĐỒNG NHÂN DÂN/TỈNH {P} | Hội đồng nhân dân tỉnh {p} | HĐND | TH | CHỦ TỊCH | {S}
local || HỘI ĐỒNG NHÂN DÂN/XÃ {C} | Hội đồng nhân dân xã {c} | HĐND | VP | CHỦ TỊCH | {c}
local | QUỐC HỘI | ĐOÀN ĐẠI BIỂU QUỐC HỘI/TỈNH {P} | Đoàn đại biểu Quốc hội tỉnh {p} | ĐĐBQH | \
VP | TRƯỞNG ĐOÀN | {S}
local | UBND TỈNH {P} | VĂN PHÒNG | Văn phòng Ủy ban nhân dân tỉnh {p} | VPUB | \
TTHC,KTN | KT. CHÁNH VĂN PHÒNG/PHÓ CHÁNH VĂN PHÒNG | {S}
local | UBND TỈNH {P} | SỞ TƯ PHÁP | Sở Tư pháp | STP | HCTP | GIÁM ĐỐC | {S}
local | UBND TỈNH {P} | TRUNG TÂM PHỤC VỤ/HÀNH CHÍNH CÔNG | \
Trung tâm Phục vụ hành chính công | TTPVHCC | HC | GIÁM ĐỐC | {S}
local | UBND XÃ {C} | TRUNG TÂM PHỤC VỤ/HÀNH CHÍNH CÔNG | \
Trung tâm Phục vụ hành chính công | TTPVHCC | TN | PHÓ GIÁM ĐỐC | {c}
local | SỞ NÔNG NGHIỆP/VÀ MÔI TRƯỜNG | CHI CỤC KIỂM LÂM | Chi cục Kiểm lâm | CCKL | QLBVR | \
CHI CỤC TRƯỞNG | {S}
local | ỦY BAN NHÂN DÂN/TỈNH {P} | BAN QUẢN LÝ KHU KINH TẾ/VÀ CÁC KHU CÔNG NGHIỆP | \
Ban Quản lý khu kinh tế và các khu công nghiệp | BQL | QHXD | TRƯỞNG BAN | {S}
local || ỦY BAN MẶT TRẬN TỔ QUỐC/VIỆT NAM TỈNH {P} | Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh {p} | \
MTTQ | BTT | TM. BAN THƯỜNG TRỰC/CHỦ TỊCH | {S}
local | BỘ CÔNG AN | CÔNG AN TỈNH {P} | Công an tỉnh {p} | CAT | PV | GIÁM ĐỐC | {S}
local || ỦY BAN NHÂN DÂN/PHƯỜNG {C} | Ủy ban nhân dân phường {c} | UBND | KT,VHXH | CHỦ TỊCH | {c}
local || ỦY BAN NHÂN DÂN/THÀNH PHỐ HÀ NỘI | Ủy ban nhân dân thành phố Hà Nội | UBND | KT,NC | \
CHỦ TỊCH | Hà Nội
party || TỈNH ỦY {P} | Tỉnh ủy {p} | TU || PHÓ BÍ THƯ | {S}
party | TỈNH ỦY {P} | VĂN PHÒNG | Văn phòng Tỉnh ủy {p} | VPTU || CHÁNH VĂN PHÒNG | {S}
party | TỈNH ỦY {P} | BAN TỔ CHỨC | Ban Tổ chức Tỉnh ủy {p} | BTCTU || TRƯỞNG BAN | {S}
party | ĐẢNG BỘ TỈNH {P} | ĐẢNG ỦY XÃ {C} | Đảng ủy xã {c} | ĐU || BÍ THƯ | {c}
government || CHÍNH PHỦ | Chính phủ | CP || TM. CHÍNH PHỦ/THỦ TƯỚNG | Hà Nội
"""
_ONLY_BY = {"NĐ": "government", "TT": "ministry"}
_OF_THE_PARTY = frozenset(("", "QĐ", "KL", "NQ", "CT", "TB", "KH", "BC", "HD", "TTr", "GM", "CTr"))
"""Symbols of types that the Party issues as well; a letter's is empty."""
_PARTY_SHARE = 0.3


def draw(setting: Setting, symbol: str) -> Agency:
    """An authority that issues papers of the type with this symbol."""
    group = _ONLY_BY.get(symbol) or _group(setting.rng, symbol)
    row = setting.rng.choice([row for row in _ROWS if row[0] == group])
    place = setting.place
    names = {"p": place.province, "P": place.province.upper(), "S": place.seat}
    names |= {"c": place.commune, "C": place.commune.upper()}
    head, own, name, symbol, units, signer, seat = (cell.format(**names) for cell in row[1:])
    return Agency(
        head=tuple(filter(None, head.split("/"))),
        own=tuple(own.split("/")),
        name=name,
        symbol=symbol,
        place=seat,
        area=f"tỉnh {place.province}",
        signer=tuple(signer.split("/")),
        seal=(f"{own.replace('/', ' ')} ★", own.replace("/", "\n")),
        units=tuple(filter(None, units.split(","))),
        party=group == "party",
    )


def _group(rng: Random, symbol: str) -> str:
    if symbol in _OF_THE_PARTY and rng.random() < _PARTY_SHARE:
        return "party"
    return rng.choice(("ministry", "central", "local", "local"))


_ROWS = [[cell.strip() for cell in row.split("|")] for row in _TABLE.strip().splitlines()]
