"""Verdicts on signatures: integrity and trust apart, nothing sound by default."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

Verdict = Literal["sound", "unsound", "undecided"]
Integrity = Literal["intact", "broken", "unknown"]
Trust = Literal["trusted", "untrusted", "unknown"]
Changes = Literal["nothing", "maintenance", "form_filling", "other", "unknown"]

NO_SIGNATURE = "không có chữ ký"


class SignatureVerdict(BaseModel):
    """One signature or document time stamp.

    `integrity`: the signed bytes are unchanged and what was appended later is permitted.
    `trust`: the certificate leads to a root that the caller trusts and is valid now, or was
    at a time proven by a trusted time stamp. `time` is the claimed time unless such a stamp
    is there. `level`: PAdES baseline level as found in the file (ETSI EN 319 142-1), `CAdES`,
    `PKCS#7`, `document-timestamp`, `evidence-timestamp` (beside a detached signature) or
    `unknown`.
    """

    model_config = ConfigDict(frozen=True)

    field: str
    signer: str = ""
    time: datetime | None = None
    level: str = "unknown"
    digest: str = ""
    covers_whole_file: bool = False
    modified_since: bool = False
    """Whether content is other than what was signed: the signed bytes differ, or what was
    appended later is more than the signature permits (ISO 32000-2, 12.8.2.2). Further
    signatures, form filling and validation data that are permitted do not count: see
    `changes_since`. False also where it could not be determined (integrity `unknown`)."""
    changes_since: Changes = "unknown"
    """What was appended: nothing, validation data and time stamps (`maintenance`), further
    signatures or form fields (`form_filling`), anything else, or not determined."""
    integrity: Integrity = "unknown"
    trust: Trust = "unknown"
    revoked: bool = False
    """The certificate was revoked before the time at which the signature is proven to exist
    (EN 319 102-1: REVOKED, TOTAL-FAILED)."""
    reasons: tuple[str, ...] = ()
    """Vietnamese sentences; empty exactly when the verdict is `sound`."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> Verdict:
        """Unsound when broken or revoked; sound only when intact, trusted, without objection."""
        if self.integrity == "broken" or self.revoked:
            return "unsound"
        if self.integrity == "intact" and self.trust == "trusted" and not self.reasons:
            return "sound"
        return "undecided"


class Verification(BaseModel):
    """The verdict on a whole file, from all of its signatures.

    `model_dump(mode="json")` has verdict, integrity, trust, signatures and reasons.
    """

    model_config = ConfigDict(frozen=True)

    signatures: tuple[SignatureVerdict, ...] = ()
    reasons: tuple[str, ...] = ()
    """What concerns the file rather than one signature; Vietnamese sentences."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def integrity(self) -> Integrity:
        """Broken when one is; intact only when all are and the file raises no objection."""
        found = {signature.integrity for signature in self.signatures}
        if "broken" in found:
            return "broken"
        return "intact" if found == {"intact"} and not self.reasons else "unknown"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def trust(self) -> Trust:
        """Trusted only when every signature is."""
        found = {signature.trust for signature in self.signatures}
        if "untrusted" in found:
            return "untrusted"
        return "trusted" if found == {"trusted"} else "unknown"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> Verdict:
        """Unsound when one signature is; sound only when all are; otherwise undecided."""
        found = {signature.verdict for signature in self.signatures}
        if "unsound" in found:
            return "unsound"
        return "sound" if found == {"sound"} and not self.reasons else "undecided"


def open_ended(signatures: Sequence[SignatureVerdict]) -> bool:
    """Whether form filling that is allowed, but that nobody signed, follows the last signature."""
    return all(signature.integrity == "intact" for signature in signatures) and not any(
        signature.changes_since in ("nothing", "maintenance") for signature in signatures
    )
