"""Renewing a detached signature: evidence files that vouch for it and for older evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from signing.attestations import Attestation, attestations, covered, write_manifest
from signing.evidence_formats import newest_proof, write_data, write_token
from signing.hostile import reading_foreign
from signing.renewing import gather
from signing.timestamps import FailoverTimeStamper

if TYPE_CHECKING:
    from signing.levels import TrustServices

_DAMAGED = ("damaged", "Không đọc được chữ ký rời hoặc bằng chứng cạnh nó; báo quản trị viên.")


def attest(
    files: Mapping[str, Path], folder: Path, services: TrustServices
) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Write the next evidence into `folder`; names in the archive → files, and what lacks proof.

    `files` are all that is there now, by name in the archive. Raises NoTimeStampError and
    NoValidationDataError as `renew_pdf` does, DocumentFault: damaged.
    """
    with reading_foreign(*_DAMAGED):
        proof, known = newest_proof(files), attestations(files)
    digest = services.settings.digest
    one = Attestation(known[-1].number + 1 if known else 1, digest)
    made = {name: folder / name for name in one.files}
    stamper = FailoverTimeStamper(services)
    data, lacking = gather([proof], services)
    made[one.data].write_bytes(write_data([*data, stamper.expected().data]))
    manifest = write_manifest(covered(one, known), {**files, **made}, digest)
    made[one.manifest].write_bytes(manifest)
    token = stamper.stamp(hashlib.new(digest, manifest).digest(), digest)
    made[one.token].write_bytes(write_token(token))
    return made, lacking
