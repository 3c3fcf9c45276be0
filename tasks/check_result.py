"""What a look at one part of the system found."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Check(BaseModel):
    """One part: whether it is needed, how it is, and what to do when it is not well."""

    model_config = ConfigDict(frozen=True)

    part: str
    state: Literal["ok", "warning", "missing"]
    detail: str
    needed: bool = True

    @property
    def fatal(self) -> bool:
        """A needed part does not work."""
        return self.needed and self.state == "missing"
