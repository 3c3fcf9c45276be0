"""Signatures that stand in a file already: does a later update leave them valid?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader


def undisturbed(reader: PdfFileReader) -> frozenset[str]:
    """The fields whose signature permits everything that was appended after it.

    Raises what pyHanko raises on malformed signatures.
    """
    from signing.permitted import POLICY  # imports pyHanko

    kept = set()
    for embedded in reader.embedded_signatures:
        embedded.compute_integrity_info(diff_policy=POLICY)
        if embedded.summarise_integrity_info()["docmdp_ok"]:
            kept.add(embedded.field_name)
    return frozenset(kept)
