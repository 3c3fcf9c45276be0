"""Drawing a stamp (form XObject): lines of text in an embedded font, seal and QR code if wanted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import BaseStamp, BaseStampStyle

from domain.errors import ConfigurationFault
from signing.stamp_letters import Letters, letters_of

_LEADING = 1.12
_SMALLEST_PT = 5.0
_DESCENT = 0.22
"""How far letters reach below their line, as a part of the font size."""
_PADDING_PT = 1.5
_LARGEST_QR_PT = 36.0
"""12.7 mm: what the strip of a text stamp leaves; a tall seal does not make the code larger."""
_FONT = pdf_name("/SohoaSerif")


@dataclass(frozen=True)
class TextStamp(BaseStampStyle):
    """The stamp that pyHanko puts into a signature field: black text, upright, no border."""

    texts: tuple[str, ...] = ()
    font_size: float = 10.0
    qr: str | None = None
    seal: Path | None = None
    """A picture drawn at the right, `seal_width` points wide."""
    seal_width: float = 0
    rotation: int = 0
    """The page's rotation, clockwise in degrees; the stamp is turned against it."""

    def create_stamp(
        self,
        writer: BasePdfFileWriter,
        box: BoxConstraints,
        text_params: dict[str, object],  # noqa: ARG002 - the signature is pyHanko's
    ) -> _Drawing:
        """The drawing for a field of this size; its resources are written with it."""
        return _Drawing(writer, self, box)


class _Drawing(BaseStamp):
    def __init__(self, writer: BasePdfFileWriter, style: TextStamp, box: BoxConstraints) -> None:
        sideways = style.rotation in (90, 270)
        width, height = (box.height, box.width) if sideways else (box.width, box.height)
        super().__init__(writer, style, BoxConstraints(width=width, height=height))
        self._style = style

    def render(self) -> bytes:
        """The content stream of the stamp."""
        width, height = float(self.box.width), float(self.box.height)
        parts = [b"q 0 g 0 G"]
        indent, end = _PADDING_PT, width - _PADDING_PT
        if self._style.seal:
            drawn, used = self._seal(self._style.seal, width, height)
            parts.append(drawn)
            end -= used + 2 * _PADDING_PT
        if self._style.qr:
            side = min(height - 2 * _PADDING_PT, _LARGEST_QR_PT)
            parts.append(_qr_squares(self._style.qr, indent, height - _PADDING_PT - side, side))
            indent += side + 2 * _PADDING_PT
        if self._style.texts:
            parts.append(self._lines(indent, end - indent, height))
        parts.append(b"Q")
        return b"\n".join(parts)

    def as_form_xobject(self) -> generic.StreamObject:
        """The drawing as a form XObject, turned against the page's rotation."""
        form = super().as_form_xobject()
        if self._style.rotation:
            turn = math.radians(self._style.rotation)
            cosine, sine = round(math.cos(turn)), round(math.sin(turn))
            matrix = (cosine, sine, -sine, cosine, 0, 0)
            form[pdf_name("/Matrix")] = generic.ArrayObject(
                generic.NumberObject(entry)  # type: ignore[no-untyped-call]
                for entry in matrix
            )
        return form

    def _seal(self, picture: Path, width: float, height: float) -> tuple[bytes, float]:
        """The drawing operators of the seal and its width; real size, unless the box is smaller.

        It stands at the outer edge of a stamp that lies top right: a title in the middle of the
        page ends before it, as on certificates.
        """
        try:
            with Image.open(picture) as opened:
                image = opened.convert("RGBA" if "A" in opened.getbands() else "RGB")
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise ConfigurationFault(f"Không đọc được hình dấu «{picture}».") from error
        shape = image.height / image.width
        across = min(self._style.seal_width, width / 2, (height - 2 * _PADDING_PT) / shape)
        name = pdf_name("/SohoaSeal")
        drawing = PdfImage(image, writer=self._ensure_writer)
        self.set_resource(ResourceType.XOBJECT, name, drawing.image_ref)
        bottom = height - _PADDING_PT - across * shape
        place = (across, across * shape, width - _PADDING_PT - across, bottom, name.encode("ascii"))
        return b"q %.2f 0 0 %.2f %.2f %.2f cm %s Do Q" % place, across

    def _lines(self, left: float, room: float, height: float) -> bytes:
        texts = self._style.texts
        wanted = min(
            self._style.font_size, (height - 2 * _PADDING_PT) / (_LEADING * max(1, len(texts)))
        )
        letters = letters_of(*texts)
        parts = []
        top = height - _PADDING_PT
        for index, text in enumerate(texts):
            ops, size = _fit(letters, text, wanted, room)
            baseline = top - (index + 1) * wanted * _LEADING + wanted * _DESCENT
            parts.append(
                b"BT %s %.2f Tf %.2f %.2f Td %s ET"
                % (_FONT.encode("ascii"), size, left, baseline, ops)
            )
        self.set_resource(ResourceType.FONT, _FONT, letters.embed(self._ensure_writer))
        return b"\n".join(parts)


def _fit(letters: Letters, text: str, wanted: float, room: float) -> tuple[bytes, float]:
    """The drawing operators of a line and its size in points: smaller, then cut, until it fits."""
    shown, width = text, letters.width(text)
    size = wanted if width * wanted <= room else max(_SMALLEST_PT, room / width)
    while letters.width(shown) * size > room and len(shown) > 1:
        shown = shown.rstrip("…")[:-1] + "…"
    return letters.shown(shown), min(size, wanted)


def _qr_squares(content: str, left: float, bottom: float, side: float) -> bytes:
    """A QR code (ISO/IEC 18004) as filled rectangles, one per run of dark modules."""
    import numpy as np
    import zxingcpp  # only stamps with a code need it

    try:
        code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode)
    except ValueError as error:
        raise ConfigurationFault(
            f"Nội dung mã QR quá dài ({len(content)} ký tự); hãy rút ngắn địa chỉ tra cứu."
        ) from error
    modules = np.asarray(code.to_image(scale=1, add_quiet_zones=False)) == 0
    pitch = side / modules.shape[0]
    squares = []
    for row, dark in enumerate(modules):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], dark.astype(np.int8), [0]))))
        y = bottom + side - (row + 1) * pitch
        squares += [
            b"%.3f %.3f %.3f %.3f re" % (left + start * pitch, y, (end - start) * pitch, pitch)
            for start, end in zip(edges[::2], edges[1::2], strict=True)
        ]
    return b"\n".join(squares) + b" f"
