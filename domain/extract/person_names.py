"""Vietnamese names of persons: which family names there are, which syllables names are made of.

OCR is sure of itself when it gives a letter the wrong mark (TRÂN for TRẦN), so confidence does not
show it; the language does. The lists are general knowledge of the language, not of any paper.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from domain.vietnamese import fold, nfc
from domain.words import Word

_FAMILIES = frozenset(
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đinh lâm trương "
    "trịnh phùng mai tô hà tạ cao châu chu đoàn doãn lương lưu thái tống tôn triệu thạch thân "
    "quách quan nghiêm ninh nông lò lô lộc lục lữ lã la kiều khổng khương khuất kim kiên hứa hầu "
    "hàn hán hạ giang giáp giàng đồng đổng đàm đái diệp bế bạch bành âu ân an ánh cầm cù chế "
    "chung chương chử cung chẩu cà quàng quảng vi viên văn vương ung từ tăng tiêu thiều thi thẩm "
    "sùng sầm sơn phó phí phương ông nhữ nhâm mã mạc mạch mẫn ma man mùa mông lường lều lại hùng "
    "hoa hồng huyền dư đường đậu đới điền đăng danh cấn cái bá vừ vàng tòng tẩn tráng thào thang "
    "ngụy ngọ ngân ngạc nghê phạn sử tào trà tri triều ứng uông vạn xa yên đôn ngụ".split()
)
_COMMON_FAMILIES = frozenset(
    "nguyễn trần lê phạm huỳnh phan vũ võ đặng bùi đỗ hồ ngô đinh trịnh phùng đào".split()
)
"""Those that stand for their letters whatever marks OCR gave: no other name is spelled so."""
_GIVEN = frozenset(
    "a ai an anh ánh ân ấn âu ba bá bách bạch bái bài ban bàng bằng bảo bảy báu bắc bân bích biên "
    "biển bình bính bổn bông bốn bửu bưởi ca cam can cang cảnh cao cát căn cẩm cầm cẩn cần cận "
    "châm chân chấn châu chi chí chiến chiểu chinh chính chỉnh chín chu chung chuyên chuyền chức "
    "chương chưởng côi công cúc cung cư cương cường cửu dã dạ dân dần danh dao di dĩ dị dịch diễm "
    "diên diễn diện diệp diệu dinh doan doanh dụ du duẩn duân dung dũng duy duyên duyệt dư dự "
    "dưỡng dương dược đa đài đại đàm đàn đán đang đảng đáng đào đạo đạt đăng đằng đắc đẩu đầy đậu "
    "đệ đích điền điển điềm điểm điệp điều đình đính định đoài đoan đoàn đô độ đồng đông đống "
    "động đức đường được gái gấm gia giai giang giáo giáp giàu giao hà hạ hai hải hán hàn hảo hào "
    "hạnh hành hằng hân hậu hiên hiền hiển hiến hiện hiệp hiếu hiệu hinh hoa hòa hoà hóa hoài "
    "hoan hoán hoàn hoàng hoạch hoạt học hồ hồi hội hồng huân huấn huệ hùng hưng huy huyên huyền "
    "huynh huỳnh hương hường hướng hưởng hữu hợi hợp kha khả khai khải khang khanh khánh khắc "
    "khiêm khiết khoa khoái khoan khoát khôi khổng khuê khuyên khương kiên kiểm kiếm kiệm kiệt "
    "kiều kim kính kình kỳ kỷ ký la lạc lai lài lam làm lan lãm lâm lân lập lê lễ lệ lệnh lịch "
    "liêm liên liễu liệt liệu linh lĩnh loan lộc long lợi lôi lụa luân luận luật lục lũy lung lư "
    "lượng lương lưu lữ lực lý mạc mạch mai mãi mạnh mão mận mẫn mật mậu mây mẽ mến mi miên miền "
    "minh mơ mỵ muôn mùi mừng mười mỹ na nam năm năng nga ngà ngải ngạn ngân nghi nghĩa nghị "
    "nghiêm nghiệp ngoan ngoạn ngọ ngọc ngôn nguyên nguyễn nguyệt ngự nhã nhài nhàn nhan nhâm "
    "nhân nhẫn nhất nhật nhi nhì nhiên nhị nho nhơn nhu nhuận nhung như nhường nhựt niên ninh "
    "nương nữ oai oanh ổn phát phan phán pháp phẩm phi phiến phiên phong phòng phóng phổ phú phúc "
    "phục phùng phụng phước phương phường phượng quan quán quang quảng quân quất quế quốc quý "
    "quyên quyền quyết quyến quỳ quỳnh rạng rin rồng sa san sang sáng sáu sắc sâm sen sinh soan "
    "soạn sĩ sỹ sơn song sô sử sửu sương tá tài tám tạo tăng tân tấn tâm tất tây thạch thái tham "
    "thảng thanh thành thạnh thảo thao thạo thắm thăng thắng thân thất thế thể thêm thêu thi thị "
    "thiên thiện thiều thiệu thiết thìn thịnh thoa thoại thoan thọ thỏa thông thống thơ thơm thời "
    "thới thu thủ thuấn thuần thuận thuật thục thúy thuý thùy thuỳ thủy thuỷ thụy thuyên thuyết "
    "thư thứ thức thực thương thường thưởng thược tích tiên tiến tiền tiếp tiệp tiết tiêu tín "
    "tính tình tĩnh tịnh toan toán toàn toại tố tô tới tôn tống trà trạch trai trang tráng trâm "
    "trân trấn tri trì trí triển triết triều triệu trinh trình trịnh trọng trúc trung truyền trực "
    "trường trương trưởng trượng tú tu tuân tuấn tuất tuệ tùng tuy túy tuyên tuyến tuyển tuyền "
    "tuyết tuyn tư từ tứ tự tường tưởng tươi tước tý tỵ uy uyên uyển út văn vân vẫn vang vàng vi "
    "vị việt viên viễn viện vinh vĩnh vịnh vĩ vọng võ vui vũ vụ vương vượng vỹ vy xiêm xim xinh "
    "xoan xoa xuân xuyên xuyến xứng xương ý yên yến yêm".split()
)
_OLD_TONE = {"oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa"} | {
    f"u{new}": f"{old}y" for new, old in zip("ỳýỷỹỵ", "ùúủũụ", strict=True)
}
_SURE = 0.93
"""Words that no list has, read so surely, stand as they are."""
_Q_GLIDE = re.compile(r"^q")


@lru_cache(maxsize=4096)
def corrected_name(text: str) -> str:
    """The name with its family name's own marks where only one family is spelled so: TRÂN → TRẦN.

    Case is kept; a name whose family name is known, or stands for several, is returned as it is.
    """
    first, space, rest = text.partition(" ")
    if plain(first) in _FAMILIES:
        return text
    meant = _COMMON_BY_LETTERS.get(fold(first), ())
    if len(meant) != 1:
        return text
    family = meant[0].upper() if first.isupper() else meant[0].capitalize()
    return f"{family}{space}{rest}"


def is_settled_family(word: str) -> bool:
    """Whether these letters, whatever their marks, are those of one family name only."""
    return fold(word) in _COMMON_BY_LETTERS


def name_faults(text: str) -> tuple[str, ...]:
    """Vietnamese reasons why a person's name may be misread; empty when nothing speaks against it.

    Names of other languages are doubted as well: nothing here can confirm them.
    """
    first, *others = text.replace("-", " ").split()
    faults = []
    if plain(first) not in _FAMILIES:
        faults.append(f"họ «{first}» lạ, có thể đọc sai dấu")
    strange = [part for part in others if plain(part) not in _GIVEN | _FAMILIES]
    if strange:
        faults.append(f"chữ «{strange[0]}» ít gặp trong tên người, có thể đọc sai dấu")
    return tuple(faults)


def strange_marks(words: Sequence[Word]) -> tuple[str, ...]:
    """A doubt about an unsure capitalised word that is no name but for its marks: LẦM for LÂM.

    For names of firms, which people's and places' names are put into; words that no name has the
    letters of, and words in capitals, which are read less surely, say nothing.
    """
    for word in words:
        text = word.text.strip(".,;:()“”\"'")
        known = fold(text) not in _LETTERS or plain(text) in _GIVEN | _FAMILIES
        if text.istitle() and not known and word.confidence < _SURE:
            return (f"chữ «{text}» ít gặp trong tên riêng, có thể đọc sai dấu",)
    return ()


@lru_cache(maxsize=4096)
def plain(part: str) -> str:
    """In small letters, tone marks where dictionaries put them (hoà → hòa, thuỳ → thùy)."""
    small = nfc(part).lower()
    if _Q_GLIDE.match(small):
        return small
    for old, new in _OLD_TONE.items():
        if small.endswith(old):
            return small.removesuffix(old) + new
    return small


def _by_letters() -> dict[str, tuple[str, ...]]:
    """Common families by their letters without marks; the rest of the families makes them vague."""
    index: dict[str, list[str]] = defaultdict(list)
    for family in sorted(_FAMILIES):
        index[fold(family)].append(family)
    return {
        letters: tuple(found)
        for letters, found in index.items()
        if len(found) == 1 and found[0] in _COMMON_FAMILIES
    }


_COMMON_BY_LETTERS = _by_letters()
_LETTERS = frozenset(fold(part) for part in _GIVEN | _FAMILIES)
