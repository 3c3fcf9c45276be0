"""What goes to an officer's PC to be signed, and what comes back (ký số của cán bộ sao chụp)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field


class RegisteredOfficer(BaseModel):
    """An officer with at least one registered key; the name is what a stamp shows."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str


def called(said: str, register: Iterable[RegisteredOfficer]) -> tuple[RegisteredOfficer, ...]:
    """The officers that an id or a name may mean: one, none, or several of the same name."""
    known = tuple(register)
    by_id = tuple(officer for officer in known if officer.id == said)
    return by_id or tuple(officer for officer in known if same_person(officer.name, said))


def responsible(
    name: str, officer_id: str | None, register: Iterable[RegisteredOfficer]
) -> RegisteredOfficer | None:
    """Who must sign the papers of a lot that names its officer so; None where that is not certain.

    A name counts only where one registered officer bears it; an id only together with its name.
    """
    bearers = [officer for officer in register if same_person(officer.name, name)]
    if officer_id is not None:
        bearers = [officer for officer in bearers if officer.id == officer_id]
    return bearers[0] if len(bearers) == 1 else None


def same_person(one: str, other: str) -> bool:
    """Whether two names are written the same, but for case, spacing and Unicode form."""
    return _plain(one) == _plain(other) != ""


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


class PaperDigest(BaseModel):
    """One paper: the SHA-256 (hex) that is signed, and a description without personal data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    description: str


class ToSign(BaseModel):
    """The digests that wait for one officer."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    format: Literal["sohoa.digests/1"] = "sohoa.digests/1"
    officer: str = Field(min_length=1, max_length=120)
    """The officer's id in the register: two may bear the same name."""
    papers: tuple[PaperDigest, ...]


class PaperSignature(BaseModel):
    """One paper's signature: CMS (RFC 5652), DER, base64, over the digest that was handed out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    signature: Base64Bytes


class SignatureBatch(BaseModel):
    """The signatures that an officer sends back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["sohoa.signatures/1"] = "sohoa.signatures/1"
    officer: str = Field(min_length=1, max_length=120)
    """As in `ToSign`."""
    papers: tuple[PaperSignature, ...]


class Refusal(BaseModel):
    """A signature that was not taken; its paper keeps waiting."""

    model_config = ConfigDict(frozen=True)

    id: str
    reason: str


class Returned(BaseModel):
    """What became of a batch; `lots` are those whose line goes on."""

    model_config = ConfigDict(frozen=True)

    accepted: tuple[str, ...]
    refused: tuple[Refusal, ...]
    lots: tuple[str, ...]
