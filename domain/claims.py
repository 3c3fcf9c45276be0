"""A claim: which worker holds which scan, and for which turn."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Claim(BaseModel):
    """The right to work on one scan.

    `epoch` grows with every claim of the scan; a write with an older epoch is refused, so a
    worker whose lease has lapsed does no harm when it wakes up.
    """

    model_config = ConfigDict(frozen=True)

    scan_id: str
    worker: str
    epoch: int
