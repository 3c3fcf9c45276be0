"""Vietnamese text as OCR and people write it: normal form, folding, comparing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")


def nfc(text: str) -> str:
    """The text in Unicode normal form C (TCVN 6909:2001 as everybody stores it today)."""
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=8192)  # the catalogue's words are compared with every line
def fold(text: str) -> str:
    """The text without diacritics, in lower case, with single spaces; đ becomes d.

    OCR loses diacritics of bold capitals first, so titles and agencies are compared folded.
    """
    bare = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    letters = "".join(char for char in bare if not unicodedata.combining(char))
    return _SPACES.sub(" ", letters).strip().lower()


def is_upper(text: str) -> bool:
    """Whether the letters of a line are (nearly) all capitals; OCR may spoil one in ten."""
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and sum(char.isupper() for char in letters) >= 0.9 * len(letters)
