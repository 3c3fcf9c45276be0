"""Why somebody looks into the data store: without a purpose and a requester nothing is shown."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Access(BaseModel):
    """Who looks (người khai thác) and what for (mục đích); both stand in the audit chain."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    requester: str = Field(min_length=2, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")
    """Organization and person, as the one-stop system names them."""
    purpose: str = Field(min_length=3, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")
    """For example the dossier that is being received. No personal data."""
