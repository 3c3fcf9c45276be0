"""The byte range of a signature: does it leave out the signature itself and nothing else?"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import IO

_LARGEST_GAP = 16 << 20
_NUMBERS = 4


def leaves_out_only(stream: IO[bytes], byte_range: Sequence[int], contents: bytes) -> bool:
    """Whether the gap of a byte range is exactly the hexadecimal string of `contents`.

    ISO 32000-2, 12.8.1: the range is the whole revision except the value of /Contents. A gap
    that is wider, lies elsewhere or goes backwards leaves room for content that nobody signed.
    """
    if len(byte_range) != _NUMBERS or any(number < 0 for number in byte_range):
        return False
    start, first, second, last = (int(number) for number in byte_range)
    stream.seek(0, os.SEEK_END)
    if start != 0 or not first < second <= second + last <= stream.tell():
        return False
    if second - first > _LARGEST_GAP:
        return False
    stream.seek(first)
    gap = stream.read(second - first)
    if not (gap.startswith(b"<") and gap.endswith(b">")):
        return False
    try:
        return bytes.fromhex(gap[1:-1].decode("ascii")) == contents
    except ValueError:
        return False
