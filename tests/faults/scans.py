"""Tiny scans, quick to read and accepted without a person: one invented decision each."""

import io

from PIL import Image, ImageDraw, ImageFont

_FONTS = "/usr/share/fonts/truetype/liberation2/LiberationSerif-{}.ttf"
_SIZE = (1240, 900)
_LEFT, _RIGHT, _MIDDLE = 310, 880, 620


def decision(number: int) -> bytes:
    """A decision (quyết định) with this number, half a page at 200 dpi, as a bilevel TIFF."""
    page = Image.new("L", _SIZE, 255)
    draw = ImageDraw.Draw(page)
    bold, plain = (ImageFont.truetype(_FONTS.format(f), 34) for f in ("Bold", "Regular"))
    small = ImageFont.truetype(_FONTS.format("Bold"), 28)
    for x, y, text, font in (
        (_LEFT, 40, "ỦY BAN NHÂN DÂN", bold),
        (_LEFT, 90, "XÃ TÂN TIẾN", bold),
        (_LEFT, 150, f"Số: {number}/QĐ-UBND", plain),
        (_RIGHT, 40, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", small),
        (_RIGHT, 90, "Độc lập - Tự do - Hạnh phúc", bold),
        (_RIGHT, 150, "Tân Tiến, ngày 12 tháng 3 năm 2026", plain),
        (_MIDDLE, 260, "QUYẾT ĐỊNH", bold),
        (_MIDDLE, 310, "Về việc trợ giúp xã hội hằng tháng", bold),
        (_MIDDLE, 420, "Điều 1. Trợ giúp xã hội cho hộ có hoàn cảnh khó khăn.", plain),
        (_RIGHT, 600, "CHỦ TỊCH", bold),
        (_RIGHT, 780, "Trần Thị Bình", bold),
    ):
        draw.text((x, y), text, font=font, fill=0, anchor="ma")
    made = io.BytesIO()
    page.convert("1").save(made, "TIFF", compression="group4", dpi=(200, 200))
    return made.getvalue()


def lot(count: int, first: int = 100) -> dict[str, bytes]:
    """Name → bytes of so many decisions, numbered from `first`."""
    return {f"qd-{n}.tif": decision(n) for n in range(first, first + count)}
