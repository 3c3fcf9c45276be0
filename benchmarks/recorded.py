"""Recognition played back: one page read once by the real engine, then given for thousands alike.

For load tests only, where what is measured is everything but recognition. The scans made here
are the same drawn page with another number in a row of black squares at its foot. The engine
reads the squares and plays back what tesseract read on the page, with that number in the
owner's: so every scan is the paper of another person.

    SOHOA_OCR_ENGINE=benchmarks.recorded:RecordedEngine RECORDED_READING=…/recording.json
"""

from __future__ import annotations

import io
import os
import re
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from pydantic import BaseModel

from deployments.samples.papers import draw_paper
from reading.engines import OcrEngine, TesserocrEngine, engine
from reading.limits import Limits
from reading.opening import open_scan
from reading.reading_order import RawWord
from reading.recognise import recognise_page
from reading.settings import ReadingSettings

ENGINE = "benchmarks.recorded:RecordedEngine"
RECORD_VARIABLE = "RECORDED_READING"
"""Names the file with the recording; outside `SOHOA_`, for it is no setting of the product."""
_RECORDER = "benchmarks.recorded:Recorder"
_KIND, _SEED, _DPI, _QUALITY = "giay-khai-sinh", 1, 100, 60
_BITS, _SQUARE, _FOOT = 20, 12, 36
"""Squares in the row, their sides and their distance from the foot, in pixels of the page."""
_DARK = 128
_IDENTITY = re.compile(r"\b(\d{6})\d{6}\b")
"""A citizen's number: the last six figures carry nothing else (NĐ 137/2015/NĐ-CP Đ13)."""


class Recording(BaseModel):
    """What the engine read: the page, and by their size the lines read again."""

    size: tuple[int, int] = (0, 0)
    words: list[RawWord] = []
    lines: dict[str, list[RawWord]] = {}


class Recorder:
    """The real engine, remembering what it gives."""

    def __init__(self, settings: ReadingSettings) -> None:
        self._engine: OcrEngine = TesserocrEngine(settings)
        self.recording = Recording()

    def words(self, image: Image.Image, dpi: float) -> list[RawWord]:
        """See `OcrEngine.words`."""
        self.recording.size = image.size
        self.recording.words = self._engine.words(image, dpi)
        return self.recording.words

    def line(self, image: Image.Image, dpi: float) -> list[RawWord]:
        """See `OcrEngine.line`."""
        found = self._engine.line(image, dpi)
        self.recording.lines[_named(image.size)] = found
        return found


class RecordedEngine:
    """Plays the recording back, with the number that the squares at the page's foot show."""

    def __init__(self, settings: ReadingSettings) -> None:  # noqa: ARG002 - what engines are given
        file = Path(os.environ[RECORD_VARIABLE])
        self._recording = Recording.model_validate_json(file.read_bytes())
        self._number = 0

    def words(self, image: Image.Image, dpi: float) -> list[RawWord]:  # noqa: ARG002
        """See `OcrEngine.words`."""
        if image.size != self._recording.size:
            raise ValueError(f"a page of {image.size} is not the recorded one")
        self._number = number_on(image)
        return self._numbered(self._recording.words)

    def line(self, image: Image.Image, dpi: float) -> list[RawWord]:  # noqa: ARG002
        """See `OcrEngine.line`: of the page last read."""
        return self._numbered(self._recording.lines[_named(image.size)])

    def _numbered(self, words: list[RawWord]) -> list[RawWord]:
        return [word._replace(text=_with_number(word.text, self._number)) for word in words]


def _with_number(text: str, number: int) -> str:
    return _IDENTITY.sub(lambda found: f"{found[1]}{number:06}", text)


def _named(size: tuple[int, int]) -> str:
    return "x".join(map(str, size))


def number_on(image: Image.Image) -> int:
    """The number that the squares show, on the page at whatever size."""
    grey = np.asarray(image.convert("L"))
    scale = image.height / _page().height
    top = (_page().height - _FOOT + _SQUARE / 2) * scale
    number = 0
    for place in range(_BITS):
        left = (_FOOT + (place + 0.5) * _SQUARE) * scale
        number = number << 1 | int(grey[round(top), round(left)] < _DARK)
    return number


def scan_of(number: int) -> bytes:
    """A JPEG of the page with this number at its foot."""
    page = _page().copy()
    pen = ImageDraw.Draw(page)
    top = page.height - _FOOT
    for place in range(_BITS):
        left = _FOOT + place * _SQUARE
        ink = 0 if number >> (_BITS - 1 - place) & 1 else 255
        pen.rectangle((left, top, left + _SQUARE - 1, top + _SQUARE - 1), fill=ink)
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=_QUALITY, dpi=(_DPI, _DPI))
    return buffer.getvalue()


@cache
def _page() -> Image.Image:
    return draw_paper(_KIND, seed=_SEED, dpi=_DPI).pages[0].convert("L")


def record(folder: Path) -> Path:
    """Read one such page with the real engine and keep what it gave; the file, in `folder`."""
    source = folder / "scan.jpg"
    source.write_bytes(scan_of(0))
    page = open_scan(source, folder, Limits()).pages[0]
    settings = ReadingSettings(engine=_RECORDER)
    recognise_page(folder / page.image, page, settings)
    recorder = engine(settings)
    if not isinstance(recorder, Recorder):
        raise TypeError(f"{_RECORDER} was loaded twice")
    file = folder / "recording.json"
    file.write_text(recorder.recording.model_dump_json(), encoding="utf-8")
    return file
