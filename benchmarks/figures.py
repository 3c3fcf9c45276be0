"""Figures get into a document by the command that measures them."""

from __future__ import annotations

import re
from pathlib import Path


def write_between(document: Path, mark: str, text: str) -> None:
    """Replace what stands between `<!-- mark -->` and `<!-- /mark -->`; ValueError without them."""
    content = document.read_text(encoding="utf-8")
    between = re.compile(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    replaced, times = between.subn(lambda found: f"{found[1]}{text}\n{found[2]}", content)
    if not times:
        raise ValueError(f"{document} has no place for {mark}")
    document.write_text(replaced, encoding="utf-8")
