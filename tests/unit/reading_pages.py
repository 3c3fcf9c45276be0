"""Pages drawn for the tests of reading: Vietnamese print with a known text."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

LINES = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6",
    "năm 2015; theo đề nghị của Giám đốc Sở Tư pháp tại Tờ trình",
    "số 38, Ủy ban nhân dân tỉnh ban hành quyết định về việc giao",
    "chỉ tiêu số hóa hồ sơ, giấy tờ cho các cơ quan, đơn vị và",
    "yêu cầu các sở, ngành, địa phương nghiêm túc thực hiện.",
)
A4_AT_200 = (1654, 2339)
_FONTS = (
    "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
)


def font(size):
    """A serif font with Vietnamese letters, or a visible skip."""
    path = next((name for name in _FONTS if Path(name).is_file()), None)
    if path is None:
        pytest.skip("no Vietnamese serif font (Debian: fonts-liberation2)")
    return ImageFont.truetype(path, size)


def printed_page(lines=LINES, size=A4_AT_200, mode="L"):
    """An A4 page at 200 dpi with these lines in 14 point print."""
    page = Image.new("L", size, 255)
    draw = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        draw.text((200, 400 + number * 64), line, font=font(39), fill=0)
    return page.convert(mode, dither=Image.Dither.NONE) if mode == "1" else page.convert(mode)


def encoded(image, kind, **options):
    """The image as a file of this kind, at 200 dpi."""
    target = io.BytesIO()
    image.save(target, format=kind, dpi=options.pop("dpi", (200, 200)), **options)
    return target.getvalue()
