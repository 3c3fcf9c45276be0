"""Which pages of a scan make which paper, as a person says it: `1-3,4-9`.

One paper per range, in the order given; a range with a minus sign before it (`-4`, `-10-12`) is
left out on purpose. Every page must be named: what nobody names would be lost without anybody
having decided so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_RANGE = re.compile(r"(?P<out>-)?(?P<first>[1-9]\d{0,4})(?:-(?P<last>[1-9]\d{0,4}))?")
_FORM = "viết như 1-3,4-9 (mỗi khoảng một giấy tờ; dấu trừ phía trước để bỏ trang: -4)"

_MOST_PAGES = 99_999
PageRange = tuple[int, int]
"""First and last page, from 1, both included."""


class PageRanges(BaseModel):
    """The ranges that become papers, and those left out; no page stands in two of them.

    Reads `"1-3,-4,5-9"` as well as `[[1, 3], [5, 9]]`. ValidationError (ValueError) otherwise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    papers: tuple[PageRange, ...] = Field(min_length=1)
    left_out: tuple[PageRange, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        if isinstance(value, str):
            return _parsed(value)
        if isinstance(value, list | tuple):
            return {"papers": value}
        return value

    @model_validator(mode="after")
    def _no_page_twice(self) -> Self:
        seen: set[int] = set()
        for first, last in (*self.papers, *self.left_out):
            if not 1 <= first <= last <= _MOST_PAGES:
                raise ValueError(f"khoảng trang {first}-{last} ngược, hoặc ngoài 1-{_MOST_PAGES}")
            pages = set(range(first, last + 1))
            if pages & seen:
                raise ValueError(f"trang {_listed(pages & seen)} có trong hai khoảng")
            seen |= pages
        return self

    def faults(self, pages: int) -> tuple[str, ...]:
        """Vietnamese sentences: why the ranges do not fit a scan of so many pages."""
        named = {
            page
            for first, last in (*self.papers, *self.left_out)
            for page in range(first, last + 1)
        }
        beyond = {page for page in named if page > pages}
        missing = set(range(1, pages + 1)) - named
        found = []
        if beyond:
            found.append(f"không có trang {_listed(beyond)}: bản quét chỉ có {pages} trang")
        if missing:
            found.append(
                f"trang {_listed(missing)} chưa thuộc giấy tờ nào: thêm vào một khoảng, "
                f"hoặc bỏ hẳn bằng dấu trừ (-{min(missing)})"
            )
        return tuple(found)


def _parsed(text: str) -> dict[str, list[PageRange]]:
    made: dict[str, list[PageRange]] = {"papers": [], "left_out": []}
    for part in text.replace(" ", "").split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ValueError(f"«{part[:40]}» không phải khoảng trang: {_FORM}")
        first = int(match["first"])
        made["left_out" if match["out"] else "papers"].append((first, int(match["last"] or first)))
    if not made["papers"]:
        raise ValueError("không còn trang nào thành giấy tờ")
    return made


def _listed(pages: Iterable[int]) -> str:
    """`4, 7-9`: pages as people write them."""
    runs: list[list[int]] = []
    for page in sorted(pages):
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
