"""Signs that digits were written by hand into a printed row.

OCR reads such digits wrongly and may be sure of it ("22" for "23"), so what betrays them is
geometry: a blank was left for the pen, and the pen writes higher than the print.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.words import Word

LOW_CONFIDENCE = 0.7
"""Below this the engine itself is not sure of digits."""
_BLANK = 0.36
"""A gap between digits and the slash after them, in word heights, that print does not leave."""
_TALL = 1.17
"""Digits this much higher than printed digits of the same row are not print."""
_SUNK = 0.16
"""Digits whose foot stands this part of their height off the printed foot are not print."""
_LABEL_SHARE, _LABEL_SHARE_DEEP = 0.98, 1.14
"""Heights beside the printed label "Số:" that print keeps under, without and with tails."""
_DEEP = frozenset("QgjpqyJ,;")
_SLOPE, _SLOPE_WORD = 0.03, 0.012
"""What skew that was left alone may add, per pixel of distance and of width."""


def pen_signs(digits: Sequence[Word], printed: Sequence[Word]) -> tuple[str, ...]:
    """Why these digits look handwritten beside the printed digits of their row; empty: they do not.

    `printed` are words of digits only (the year), so that heights compare.
    """
    signs = []
    if any(word.handwritten for word in digits):
        signs.append("viết tay")
    if min(word.confidence for word in digits) < LOW_CONFIDENCE:
        signs.append("máy đọc không chắc")
    if printed and any(_off(word, _nearest(word, printed)) for word in digits):
        signs.append("cỡ chữ hoặc dòng chữ lệch so với chữ in, có thể viết tay")
    return tuple(signs)


def blank_between(left: Word, right: Word) -> bool:
    """Whether the gap between two words of one symbol is wider than print leaves."""
    return right.box.x - left.box.right > _BLANK * right.box.height


def _nearest(word: Word, others: Sequence[Word]) -> Word:
    return min(others, key=lambda other: abs(other.box.x - word.box.x))


def _off(word: Word, model: Word) -> bool:
    height = max(model.box.height, 1)
    slope_allowance = _SLOPE * abs(word.box.x - model.box.x)
    foot = abs(word.box.bottom - model.box.bottom)
    return word.box.height > _TALL * height or foot > _SUNK * height + slope_allowance


def too_tall(word: Word, label: Word) -> bool:
    """Whether a word of the number stands higher than its printed label "Số:" allows.

    The label's circumflex and acute reach 0.92 em above the line; digits and capitals 0.68 em,
    letters with tails go 0.2 em below it.
    """
    share = _LABEL_SHARE_DEEP if _DEEP & set(word.text) else _LABEL_SHARE
    slope_allowance = _SLOPE_WORD * word.box.width
    return word is not label and word.box.height > share * label.box.height + slope_allowance
