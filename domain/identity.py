"""Identities: a scan is its bytes; a paper is its place in a scan."""

from __future__ import annotations

import uuid

_PAPERS = uuid.UUID("6f1d3c0e-7f0b-5b7e-9a4d-5348a0a2c001")
_DIGEST_LENGTH = 64


def is_scan_id(text: str) -> bool:
    """Whether the text is a scan id: the hex SHA-256 of the scan's bytes."""
    return len(text) == _DIGEST_LENGTH and all(char in "0123456789abcdef" for char in text)


def paper_id(scan_id: str, split: int, position: int) -> str:
    """The id of the paper at `position` (from 0) of the scan's `split`-th division into papers.

    The same scan, split and position always give the same UUIDv5, so a step that runs again
    finds its own earlier work.
    """
    return str(uuid.uuid5(_PAPERS, f"{scan_id}/{split}/{position}"))


def copy_id(source_paper: str, register_number: str) -> str:
    """The id of the certified copy of a paper under a number in the register; always the same."""
    return str(uuid.uuid5(_PAPERS, f"copy/{source_paper}/{register_number}"))


def paper_object_id(paper: str) -> str:
    """The id of the paper's object in the archive (OCFL object id)."""
    return f"urn:uuid:{paper}"


def scan_object_id(scan_id: str) -> str:
    """The id of the scan's object in the archive (OCFL object id)."""
    return f"urn:sohoa:scan:{scan_id}"
