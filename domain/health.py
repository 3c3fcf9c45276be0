"""How a part of the installation is (tình trạng): found, working, and what to do when it is not."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

State = Literal["ok", "warning", "missing"]
STATE_NAMES: dict[State, str] = {"ok": "tốt", "warning": "lưu ý", "missing": "HỎNG"}


class Found(NamedTuple):
    """What a look at one part came to; `detail` is what an administrator reads."""

    state: State
    detail: str


class Check(BaseModel):
    """One part: whether it is needed, how it is, and what to do when it is not well."""

    model_config = ConfigDict(frozen=True)

    name: str
    """Stable, for machines."""
    part: str
    state: State
    detail: str
    remedy: str
    needed: bool = True

    @property
    def fatal(self) -> bool:
        """A needed part does not work."""
        return self.needed and self.state == "missing"
