"""What goes to an officer's PC to be signed, and what comes back (ký số của cán bộ sao chụp)."""

from __future__ import annotations

from typing import Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field


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
