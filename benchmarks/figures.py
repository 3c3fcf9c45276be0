"""Figures get into a document by the command that measures them."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path


def write_between(document: Path, mark: str, text: str) -> None:
    """Replace what stands between `<!-- mark -->` and `<!-- /mark -->`; ValueError without them."""
    content = document.read_text(encoding="utf-8")
    between = re.compile(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    replaced, times = between.subn(lambda found: f"{found[1]}{text}\n{found[2]}", content)
    if not times:
        raise ValueError(f"{document} has no place for {mark}")
    document.write_text(replaced, encoding="utf-8")


def counted(number: int) -> str:
    """A whole number as Vietnamese texts write it: 1.000.000."""
    return f"{number:,}".replace(",", ".")


def machine() -> str:
    """Which machine, on which day and how busy, for the head of a page of figures."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = " / ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{datetime.now().astimezone():%d/%m/%Y}: {os.cpu_count()} lõi, {memory:.0f} GiB, "
        f"tải máy lúc xong {load}"
    )
