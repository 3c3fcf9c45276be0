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
_UPPER_SHARE = 0.5
"""The mark stands in this upper part of a page."""
_OTHER_WORDS = frozenset({"MẮT", "MẤT", "MÁT", "MẶT", "MẠT"})
"""Words that fold alike and stand on forms by themselves (health, loss)."""
_PREFIX = frozenset({"bao", "bi", "co", "than"})
"""A line that ends so goes on with MẬT in the next: CAM KẾT BẢO / MẬT."""
_CLOSE, _LONGEST_MARK = 80, 9
_NOISE = re.compile(r"[^\w ]|[\d_]")
_FRAME = frozenset("IilLJ1|[](){}!")
_LABEL = re.compile(r"(?:do|muc do|dau do) mat\s*[:;]?\s*(?P<mark>(?:toi |tuyet )?mat)\b\W*$")


class SecrecyMark(NamedTuple):
    """A mark of secrecy: which, and the page on which it stands."""

    mark: str
    page: int

    @property
    def message(self) -> str:
        """What an operator reads: where the mark stands and what to do; nothing of the text."""
        return (
            f"Trang {self.page} có dấu độ mật «{self.mark}»: không số hóa giấy tờ mật trên hệ "
            "thống này. Chữ đã đọc không được giữ lại; giao bản giấy và tệp quét cho người phụ "
            "trách bảo vệ bí mật nhà nước xử lý."
        )


def find_secrecy(
    pages: Sequence[PageText], framed: Mapping[int, Sequence[str]] = MappingProxyType({})
) -> SecrecyMark | None:
    """The first mark of secrecy on any page, or None.

    `framed`: page number → what stands in small frames of the page's upper half, which
    recognition of the whole page passes over.
    """
    for page in pages:
        for text in framed.get(page.page, ()):
            mark = _framed_mark(text)
            if mark is not None:
                return SecrecyMark(mark, page.page)
        for mark in _marks_on(page):
            return SecrecyMark(mark, page.page)
    return None


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


def _framed_mark(text: str) -> str | None:
    """The mark that a frame holds; the frame vouches for it, so more may be misread."""
    letters = re.sub(r"[^a-z]", "", fold(text))
    best = max(MARKS, key=lambda mark: fuzz.ratio(mark.replace(" ", ""), letters))
    close = fuzz.ratio(best.replace(" ", ""), letters) >= _CLOSE
    ends = letters.endswith("mat") and len(letters) <= _LONGEST_MARK
    return MARKS[best] if close or ends else None


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
