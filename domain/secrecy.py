"""The mark of secrecy (độ mật): a paper that carries one must not be digitized on this line.

TT 01/2023/TT-VPCP Đ4 leaves secret papers out. NĐ 30/2020/NĐ-CP Phụ lục I places the mark in
box 10a, under number and symbol: capitals by themselves, in a frame. The same words in running
text ("bảo mật", "bí mật nhà nước") are no mark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from rapidfuzz import fuzz

from domain.extract.layout import Run, runs_of
from domain.vietnamese import fold
from domain.words import PageText

SECRET = "secret"  # noqa: S105 - the reason why a scan is set aside, not a password
"""The reason of the scan that is set aside."""
MARKS = {"mat": "MẬT", "toi mat": "TỐI MẬT", "tuyet mat": "TUYỆT MẬT"}
_RUN_ON = {folded.replace(" ", ""): mark for folded, mark in MARKS.items()}
_UPPER_SHARE = 0.5
"""The mark stands in this upper part of a page."""
_OTHER_WORDS = frozenset({"MẮT", "MẤT", "MÁT", "MẶT", "MẠT"})
"""Words that fold alike and stand on forms by themselves (health, loss)."""
_OTHER_FRAMED = _OTHER_WORDS - {"MẠT"}
"""In a frame MẠT is no word of its own: print hides the roof of MẬT."""
_PREFIX = frozenset({"bao", "bi", "co", "than"})
"""A line that ends so goes on with MẬT in the next: CAM KẾT BẢO / MẬT."""
_CLOSE = 72
"""Likeness of a framed text to a mark, in percent, from which it is no other word."""
_LONG = 6
"""Letters of a text that a mark may resemble by more than chance: MẬT ĐỘ has five."""
_CLEARLY_READ = 0.75
_SURELY_ALIKE, _PERHAPS_ALIKE = 0.7, 0.62
"""Likeness of ink: marks under print have 0.72 and more, other words mostly under 0.7."""
_NOISE = re.compile(r"[^\w ]|[\d_]")
_FRAME = frozenset("IilLJ1|[](){}!")
_LABEL = re.compile(r"(?:do|muc do|dau do) mat\s*[:;]?\s*(?P<mark>(?:toi |tuyet )?mat)\b\W*$")


class Stamp(NamedTuple):
    """What a small frame on a page holds, or a red word by itself."""

    text: str
    """As recognition read it."""
    confidence: float
    """Of that reading, 0 to 1."""
    alike: str
    """The mark that its ink looks like most."""
    likeness: float
    """How much more ink there is on that mark's letters than between them, 0 to 1."""
    framed: bool = True


class SecrecyMark(NamedTuple):
    """A mark of secrecy: which, the page on which it stands, and whether it is beyond doubt."""

    mark: str
    page: int
    sure: bool = True

    @property
    def message(self) -> str:
        """What an operator reads: where the mark stands and what to do; nothing of the text."""
        if not self.sure:
            return (
                f"độ mật: trang {self.page} có thể đóng dấu mật; nếu đúng là dấu mật thì loại, và "
                "giao bản giấy cho người phụ trách bảo vệ bí mật nhà nước"
            )
        return (
            f"Trang {self.page} có dấu độ mật «{self.mark}»: không số hóa giấy tờ mật trên hệ "
            "thống này. Chữ đã đọc không được giữ lại; giao bản giấy và tệp quét cho người phụ "
            "trách bảo vệ bí mật nhà nước xử lý. Nếu máy nhận nhầm: sohoa requeue … --not-secret."
        )


def find_secrecy(
    pages: Sequence[PageText], stamps: Mapping[int, Sequence[Stamp]] = MappingProxyType({})
) -> SecrecyMark | None:
    """The first mark of secrecy on any page, else the first that may be one, or None.

    `stamps`: page number → what stands in small frames and red words of the page's upper half,
    which recognition of the whole page passes over.
    """
    doubt = None
    for page in pages:
        for stamp in stamps.get(page.page, ()):
            mark = _framed_mark(stamp)
            if mark is not None and mark.sure:
                return SecrecyMark(mark.mark, page.page)
            if mark is not None:
                doubt = doubt or SecrecyMark(mark.mark, page.page, sure=False)
        for text in _marks_on(page):
            return SecrecyMark(text, page.page)
    return doubt


def _marks_on(page: PageText) -> Iterator[str]:
    runs = runs_of(page)
    for run in runs:
        if run.box.y > _UPPER_SHARE * page.height:
            continue
        label = _LABEL.search(run.folded)
        if label is not None and len(run.words) <= len(label.group().split()) + 1:
            yield MARKS[label["mark"]]
        mark = _stamped(run)
        if mark is not None and not _goes_on(run, runs):
            yield mark


def _stamped(run: Run) -> str | None:
    """The mark that a run consists of, frame read as letters and lost diacritics allowed for."""
    words = [_bare(word.text) for word in run.words]
    words = [word for word in words if word]
    if len(words) not in {1, 2} or not all(word.isupper() for word in words):
        return None
    if words[-1] in _OTHER_WORDS and len(words) == 1:
        return None
    return MARKS.get(fold(" ".join(words)))


def _framed_mark(stamp: Stamp) -> SecrecyMark | None:
    """The mark that a frame holds, on no page yet: by its words, or by the look of its ink.

    Without a frame only its very words are sure; what merely looks alike is for a person.

    Ink alone says nothing where other words were read clearly: MẶT TRẬN looks much like MẬT.
    """
    words = _NOISE.sub("", unicodedata.normalize("NFC", stamp.text)).split()
    letters = fold("".join(words))
    best = max(_RUN_ON, key=lambda mark: fuzz.ratio(mark, letters))
    close = fuzz.ratio(best, letters)
    if letters == best and (len(words) > 1 or words[-1] not in _OTHER_FRAMED):
        return SecrecyMark(_RUN_ON[best], 0)
    if not stamp.framed:
        alike = stamp.likeness >= _SURELY_ALIKE and stamp.confidence < _CLEARLY_READ
        may_be = alike or (close >= _CLOSE and len(letters) >= _LONG)
        return SecrecyMark(stamp.alike, 0, sure=False) if may_be else None
    other = close < _CLOSE or len(letters) < _LONG
    if other and stamp.confidence >= _CLEARLY_READ and len(letters) > len("ma"):
        may_be = words[-1] == MARKS["mat"] or letters == best
        return SecrecyMark(stamp.alike, 0, sure=False) if may_be else None
    if stamp.likeness >= _SURELY_ALIKE and letters != best:
        return SecrecyMark(_RUN_ON[best] if close >= _CLOSE else stamp.alike, 0)
    if close >= _CLOSE or stamp.likeness >= _PERHAPS_ALIKE:
        return SecrecyMark(stamp.alike, 0, sure=False)
    return None


def _bare(text: str) -> str:
    """The word without what a frame beside it is read as."""
    cleaned = _NOISE.sub("", unicodedata.normalize("NFC", text))
    return "" if set(text) <= _FRAME else cleaned


def _goes_on(run: Run, runs: Sequence[Run]) -> bool:
    """Whether the run is the end of a heading that began in the row above."""
    for other in runs:
        gap = run.box.y - other.box.bottom
        near = -0.5 * run.height < gap < 0.9 * run.height and other.box.y < run.box.y
        across = other.box.x < run.box.right and run.box.x < other.box.right
        if near and across and other.folded.split()[-1].strip(".,") in _PREFIX:
            return True
    return False
