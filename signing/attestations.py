"""Evidence files beside a detached signature: a manifest with a time stamp over it.

Each renewal adds three files that other people's programs read: the data that proves the older
certificates (`evidence-0001.p7c`: certificates, CRLs, OCSP answers; RFC 5652, RFC 5940), a
manifest as `sha256sum` writes it over the paper, its signature and all older evidence, and an
RFC 3161 answer over the manifest (`evidence-0001.tsr`). It proves what CAdES-A proves, but is
not CAdES-A: the signature file itself stays as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

PAPER, SIGNATURE = "paper.pdf", "paper.pdf.p7s"
"""How the archive names a file and the detached signature over it."""
_MANIFEST = re.compile(r"evidence-([0-9]{4})\.(sha256|sha384|sha512)")
_EVIDENCE = re.compile(r"evidence-[0-9]{4}\.(sha256|sha384|sha512|tsr|p7c)")
_LINE = re.compile(r"([0-9a-f]{64,128})  ([^/\n]+)")


class Attestation(NamedTuple):
    """One renewal, by its number from 1 and the digest of its manifest."""

    number: int
    digest: str

    @property
    def manifest(self) -> str:
        """The name of its manifest."""
        return f"evidence-{self.number:04}.{self.digest}"

    @property
    def token(self) -> str:
        """The name of its time stamp (TimeStampResp, RFC 3161, 2.4.2)."""
        return f"evidence-{self.number:04}.tsr"

    @property
    def data(self) -> str:
        """The name of its validation data."""
        return f"evidence-{self.number:04}.p7c"

    @property
    def files(self) -> tuple[str, str, str]:
        """All its names."""
        return self.data, self.manifest, self.token


def attestations(names: Iterable[str]) -> tuple[Attestation, ...]:
    """The renewals among these file names, oldest first."""
    found = (match for name in names if (match := _MANIFEST.fullmatch(name)))
    return tuple(sorted(Attestation(int(match[1]), match[2]) for match in found))


def evidence_names(names: Iterable[str]) -> tuple[str, ...]:
    """Which of these are names of evidence files, in order."""
    return tuple(sorted(name for name in names if _EVIDENCE.fullmatch(name)))


def covered(one: Attestation, all_: Iterable[Attestation]) -> tuple[str, ...]:
    """The names that its manifest must list: paper, signature, its data, all older evidence."""
    older = (name for other in all_ if other.number < one.number for name in other.files)
    return (PAPER, SIGNATURE, *older, one.data)


def write_manifest(names: Iterable[str], files: Mapping[str, Path], digest: str) -> bytes:
    """The manifest over these files, as `sha256sum` writes it and `sha256sum -c` reads it."""
    return "".join(f"{_hex(files[name], digest)}  {name}\n" for name in names).encode()


def holds(content: bytes, names: Iterable[str], files: Mapping[str, Path], digest: str) -> bool:
    """Whether a manifest lists all these names, and every file is what it says."""
    lines = [_LINE.fullmatch(line) for line in content.decode("ascii", "replace").splitlines()]
    said = {match[2]: match[1] for match in lines if match}
    return len(said) == len(lines) and all(
        name in files and said.get(name) == _hex(files[name], digest) for name in {*names, *said}
    )


def _hex(file: Path, digest: str) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, digest).hexdigest()
