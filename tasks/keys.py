"""How the keys of this installation are: whose, until when, stopped or not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.errors import SohoaError, Unavailable
from signing.keys import SignerConfig
from tasks.house import House

WARN_BEFORE = timedelta(days=30)


class KeyState(BaseModel):
    """One key: `problem` says in Vietnamese what is wrong and what to do; empty when well."""

    model_config = ConfigDict(frozen=True)

    role: str
    kind: str
    where: str
    subject: str = ""
    not_after: datetime | None = None
    state: Literal["ok", "expiring", "unusable", "unavailable"]
    problem: str = ""


def key_states(here: House) -> tuple[KeyState, ...]:
    """Every key that the installation holds; asks tokens and services, signs nothing.

    A key is `expiring` in the last 30 days of its certificate. For `sohoa doctor`,
    `sohoa keys` and the scheduled check.
    """
    return tuple(_state(here, role, key) for role, key in here.keys.by_role.items())


def _state(here: House, role: str, key: SignerConfig) -> KeyState:
    known = {"role": role, "kind": key.kind, "where": key.where}
    try:
        certificate = key.certificate()
    except Unavailable as error:
        return KeyState(**known, state="unavailable", problem=str(error))
    except SohoaError as error:
        return KeyState(**known, state="unusable", problem=str(error))
    left = certificate.not_after - here.now()
    known |= {"subject": certificate.subject}
    until = certificate.not_after
    try:
        key.pyhanko()
        key.check_pin()
    except SohoaError as error:
        return KeyState(**known, not_after=until, state="unusable", problem=str(error))
    if left < WARN_BEFORE:
        problem = f"hết hạn sau {left.days} ngày ({until:%d/%m/%Y}): gia hạn chứng thư ngay"
        return KeyState(**known, not_after=until, state="expiring", problem=problem)
    return KeyState(**known, not_after=until, state="ok")


def unlock_keys(here: House) -> tuple[KeyState, ...]:
    """Try each refused PIN once more, now that the administrator has corrected it.

    Raises PinRefused (signing stays stopped) when one is still wrong.
    """
    for key in here.keys.by_role.values():
        key.unlock()
    return key_states(here)
