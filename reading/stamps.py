"""What stamps in the upper half of a page say, framed or red, such as a mark of secrecy (độ mật).

Recognition of the whole page passes over them: a frame reads as a figure, and print runs through.
"""

from __future__ import annotations

from PIL import Image

from domain.secrecy import MARKS, Stamp
from reading.engines import engine
from reading.frames import frames_in
from reading.red_words import red_words
from reading.settings import ReadingSettings
from reading.stamp_ink import StampInk, inks_inside
from reading.word_shapes import likest

_UPPER_SHARE = 0.5
_READ_DPI = 300.0
_WORDS = tuple(MARKS.values())


def read_stamps(picture: Image.Image, dpi: float, settings: ReadingSettings) -> tuple[Stamp, ...]:
    """Stamps of an upright grey or RGB page at `dpi`: framed ones, widest first, then red words."""
    upper = picture.crop((0, 0, picture.width, round(_UPPER_SHARE * picture.height)))
    frames = frames_in(upper, dpi)
    framed = [_stamp(inks_inside(upper, frame), settings) for frame in frames]
    red = [_stamp([ink], settings) for ink in red_words(upper, dpi, frames)]
    return (
        *(stamp for stamp in framed if stamp is not None),
        *(stamp._replace(framed=False) for stamp in red if stamp is not None),
    )


def _stamp(inks: list[StampInk], settings: ReadingSettings) -> Stamp | None:
    """The surest reading and the greatest likeness of the ways to see a stamp's ink."""
    if not inks:
        return None
    readings = [_read(ink, settings) for ink in inks]
    text, confidence = max(readings, key=lambda reading: reading[1])
    likeness = max((likest(ink, _WORDS) for ink in inks), key=lambda likeness: likeness.degree)
    return Stamp(text, confidence, likeness.word, likeness.degree)


def _read(ink: StampInk, settings: ReadingSettings) -> tuple[str, float]:
    """The words, and the mean confidence of their letters."""
    words = engine(settings).line(ink.picture, _READ_DPI)
    letters = sum(len(word.text) for word in words)
    sure = sum(len(word.text) * word.confidence for word in words)
    return " ".join(word.text for word in words), sure / max(letters, 1)
