"""Draw cover sheets (tờ bìa): one A4 page per paper, laid on top of it before scanning.

The sheet's QR code, printed twice, holds `SOHOA1|dossier|type|unit` (`domain.symbols.Cover`): the
format's mark and version, mã số hồ sơ, the catalogue's id of the type, mã đơn vị; values may be
empty. The same stands beside it for people. In a scan the sheet starts a new paper and says what
it is; the sheet itself belongs to no paper.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from domain.symbols import Cover
from signing.appearance import find_font

_DPI = 300
_A4_MM = (210.0, 297.0)
_MARGIN_MM, _QR_MM = 20.0, 55.0
_TITLE_PT, _TEXT_PT, _SMALL_PT = 30.0, 18.0, 12.0
_LINE = 1.4
_NONE = "(không ghi)"
_ADVICE = (
    "Đặt tờ này lên trên giấy tờ, mặt có chữ quay lên, rồi quét cùng cả tập.",
    "Mỗi giấy tờ một tờ bìa. Không gấp, không viết lên hai ô mã.",
    "Tờ này chỉ để máy tách và nhận giấy tờ; không thuộc hồ sơ, không lưu trữ.",
)


def cover_pdf(covers: Sequence[tuple[Cover, str]]) -> bytes:
    """A PDF with one page per cover and the name of its type; the same covers, the same bytes.

    Raises Undecided when a value cannot stand in the code, ConfigurationFault without a font.
    """
    import img2pdf

    pages = [
        _as_png(_sheet(cover, name, number, len(covers)))
        for number, (cover, name) in enumerate(covers, start=1)
    ]
    made: bytes = img2pdf.convert(
        pages, engine=img2pdf.Engine.internal, nodate=True, producer="sohoa", title="Tờ bìa"
    )
    return made


def _sheet(cover: Cover, type_name: str, number: int, total: int) -> Image.Image:
    page = Image.new("1", (_pixels(_A4_MM[0]), _pixels(_A4_MM[1])), 1)
    pen = ImageDraw.Draw(page)
    code = _qr(cover.text)
    side = _pixels(_QR_MM) // code.width * code.width  # whole pixels per module
    code = code.resize((side, side), Image.Resampling.NEAREST)
    left, right = _pixels(_MARGIN_MM), page.width - _pixels(_MARGIN_MM)
    page.paste(code, (left, left))
    page.paste(code, (right - side, page.height - left - side))
    beside = left + side + _pixels(8)
    pen.text((beside, left), "TỜ BÌA SỐ HÓA", fill=0, font=_font(_TITLE_PT))
    second = left + round(_TITLE_PT / 72 * _DPI * _LINE)
    pen.text((beside, second), f"Tờ {number} trong {total}", fill=0, font=_font(_SMALL_PT))
    y = left + side + _pixels(15)
    for label, value in (
        ("Mã hồ sơ", cover.dossier or _NONE),
        ("Loại giấy tờ", type_name or _NONE),
        ("Đơn vị tiếp nhận", cover.unit or _NONE),
    ):
        pen.text((left, y), f"{label}:", fill=0, font=_font(_SMALL_PT))
        y += round(_SMALL_PT / 72 * _DPI * _LINE)
        for line in _broken(value, right - left):
            pen.text((left, y), line, fill=0, font=_font(_TEXT_PT))
            y += round(_TEXT_PT / 72 * _DPI * _LINE)
        y += _pixels(5)
    for line in _ADVICE:
        pen.text((left, y), line, fill=0, font=_font(_SMALL_PT))
        y += round(_SMALL_PT / 72 * _DPI * _LINE)
    foot = page.height - left - round(_SMALL_PT / 72 * _DPI * _LINE)
    pen.text((left, foot), cover.text, fill=0, font=_font(_SMALL_PT))
    return page


def _broken(text: str, width: int) -> list[str]:
    """The text in lines no wider than `width` pixels, broken between words, else within one."""
    lines = [""]
    for word in text.split():
        wider = f"{lines[-1]} {word}".strip()
        if lines[-1] and _font(_TEXT_PT).getlength(wider) > width:
            lines.append(word)
        else:
            lines[-1] = wider
        while _font(_TEXT_PT).getlength(lines[-1]) > width:
            keep = len(lines[-1])
            while _font(_TEXT_PT).getlength(lines[-1][:keep]) > width:
                keep -= 1
            lines[-1:] = [lines[-1][:keep], lines[-1][keep:]]
    return lines


def _qr(text: str) -> Image.Image:
    """The code with one pixel per module; a quarter of it may be damaged (level Q)."""
    import zxingcpp

    code: Any = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    return Image.fromarray(np.asarray(code.to_image(scale=1, add_quiet_zones=False)))


def _as_png(page: Image.Image) -> bytes:
    buffer = io.BytesIO()
    page.save(buffer, "PNG", dpi=(_DPI, _DPI))
    return buffer.getvalue()


def _pixels(millimetres: float) -> int:
    return round(millimetres / 25.4 * _DPI)


def _font(size_pt: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(
        str(find_font()), size_pt / 72 * _DPI, layout_engine=ImageFont.Layout.BASIC
    )
