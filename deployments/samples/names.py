"""Names from which people and places are made; the people do not exist."""

from __future__ import annotations

PROVINCES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "Hưng Yên": ("033", "Hưng Yên", ("Khoái Châu", "Kim Động", "Ân Thi", "Tiên Lữ")),
    "Ninh Bình": ("037", "Ninh Bình", ("Gia Viễn", "Nho Quan", "Yên Khánh")),
    "Khánh Hòa": ("056", "Khánh Hòa", ("Diên Khánh", "Vạn Ninh", "Cam Lâm")),
    "Gia Lai": ("064", "Gia Lai", ("Chư Păh", "Đak Đoa", "Phú Thiện")),
    "Đồng Nai": ("075", "Đồng Nai", ("Long Thành", "Trảng Bom", "Vĩnh Cửu")),
    "Quảng Ngãi": ("051", "Quảng Ngãi", ("Sơn Tịnh", "Tư Nghĩa", "Mộ Đức")),
    "Phú Thọ": ("025", "Phú Thọ", ("Lâm Thao", "Thanh Ba", "Tam Nông")),
    "Thanh Hóa": ("038", "Thanh Hóa", ("Đông Sơn", "Hoằng Hóa", "Thọ Xuân")),
}
"""Province → code in personal numbers, place before the date, districts before July 2025."""

COMMUNES = (
    "Tân Hòa",
    "An Phú",
    "Bình Minh",
    "Đông Thịnh",
    "Hợp Tiến",
    "Minh Tân",
    "Phú Lương",
    "Quang Trung",
    "Thái Sơn",
    "Vĩnh Thạnh",
    "Xuân Lộc Hạ",
    "Yên Mỹ Thượng",
)

FAMILIES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Ngô",
    "Dương",
    "Lý",
    "Đinh",
)
MALE_MIDDLES = ("Văn", "Hữu", "Đức", "Quốc", "Minh", "Công", "Xuân", "Thành")
FEMALE_MIDDLES = ("Thị", "Ngọc", "Thị Thu", "Thị Thanh", "Khánh", "Bích", "Thị Hồng")
MALE_GIVEN = (
    "An",
    "Bình",
    "Cường",
    "Dũng",
    "Giang",
    "Hùng",
    "Khải",
    "Lâm",
    "Nghĩa",
    "Phúc",
    "Quân",
    "Sơn",
    "Thắng",
    "Tuấn",
    "Vượng",
)
FEMALE_GIVEN = (
    "Ánh",
    "Diệp",
    "Hà",
    "Hạnh",
    "Hương",
    "Lan",
    "Mỹ",
    "Ngân",
    "Oanh",
    "Phượng",
    "Quỳnh",
    "Thảo",
    "Trâm",
    "Uyên",
    "Yến",
)
HAMLETS = ("Đông", "Đoài", "Thượng", "Trung", "Hạ", "Phú Mỹ", "An Lạc", "Hòa Bình")
STREETS = ("Nguyễn Trãi", "Lê Lợi", "Trần Phú", "Lý Thường Kiệt", "Phan Bội Châu")
ETHNIC = ("Kinh", "Kinh", "Kinh", "Tày", "Mường", "Gia Rai")
