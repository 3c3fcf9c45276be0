"""Why somebody looks into the data store: without a purpose and a requester nothing is shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Line = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f]$")]
"""One line of text without control characters, neither end blank."""


class Access(BaseModel):
    """Who looks (người khai thác) and what for (mục đích); both stand in the audit chain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requester: Line = Field(max_length=160)
    """Organization and person, as the one-stop system names them."""
    purpose: Line = Field(max_length=300)
    """For example the dossier that is being received. No personal data."""
