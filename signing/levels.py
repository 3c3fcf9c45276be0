"""Baseline levels of signatures (ETSI EN 319 142-1) and the services that they need."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Level = Literal["B-B", "B-T", "B-LT", "B-LTA"]
LEVELS: tuple[Level, ...] = ("B-B", "B-T", "B-LT", "B-LTA")
"""Each builds on the one before: signature, its time stamp, validation data in the file, and a
document time stamp over all of it."""

HttpAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]


class SignatureSettings(BaseModel):
    """Which level signatures get, who stamps the time, how long services are waited for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Level | None = None
    """None: B-B without an authority; else B-LT, and B-LTA where a paper is kept longer than
    the certificate of the time-stamping authority lives."""
    tsa: tuple[HttpAddress, ...] = ()
    """Time-stamping authorities (RFC 3161) in order of preference; at least two are advised."""
    tsa_timeout_seconds: float = Field(default=10, gt=0, le=120)
    revocation_timeout_seconds: float = Field(default=10, gt=0, le=120)
    """For one question to an OCSP responder or one CRL."""
    revocation_max_age_seconds: int = Field(default=3600, ge=60, le=86_400)
    """How long an answer is used again, unless it expires earlier by its own words."""
    clock_tolerance_seconds: int = Field(default=120, ge=1, le=3600)
    """How far an authority's time may be from this machine's clock."""
    digest: Literal["sha256", "sha384", "sha512"] = "sha256"
    """Digest that document time stamps are made over."""
    renew_days_before: int = Field(default=90, ge=1, le=3650)
    """How long before its protection ends a paper gets a new document time stamp."""
    weak_from: dict[str, date] = {}
    """Algorithms that grow weak: `sha256`, `rsa2048`, `ecdsa-p256`, … → first day of weakness.
    A choice of the installation, not a legal statement."""

    @model_validator(mode="after")
    def _possible(self) -> SignatureSettings:
        if self.level not in (None, "B-B") and not self.tsa:
            raise ValueError(
                f"mức {self.level} cần máy chủ dấu thời gian: khai báo SOHOA_SIGNATURES__TSA"
            )
        return self


class TrustServices(BaseModel):
    """What a signature above B-B needs: the settings, and the certificates that are trusted.

    A value without clients or secrets; clients and answers are kept per process.
    """

    model_config = ConfigDict(frozen=True)

    settings: SignatureSettings = SignatureSettings()
    trust_roots: tuple[Path, ...] = ()

    def __hash__(self) -> int:
        """Settings hold a dictionary, which has no hash of its own."""
        return hash((self.settings.model_dump_json(), self.trust_roots))


def wanted_level(
    settings: SignatureSettings, *, keep_until: date | None, tsa_not_after: datetime | None
) -> Level:
    """The level that a paper should have.

    `keep_until` None means for ever; `tsa_not_after` is when the certificate of the authority
    in use expires, None where that is not known now.
    """
    if settings.level is not None:
        return settings.level
    if not settings.tsa:
        return "B-B"
    if keep_until is None:
        return "B-LTA"
    if tsa_not_after is None:
        return "B-LT"
    return "B-LTA" if keep_until > tsa_not_after.date() else "B-LT"


def reaches(level: Level, wanted: Level) -> bool:
    """Whether a level is at least the wanted one."""
    return LEVELS.index(level) >= LEVELS.index(wanted)
