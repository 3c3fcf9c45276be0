"""The certificates of trusted authorities, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import ConfigurationFault

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate


def load_trust_roots(paths: tuple[Path, ...]) -> tuple[Certificate, ...]:
    """The certificates in these files (PEM or DER), kept until a file changes.

    Raises ConfigurationFault when one cannot be read.
    """
    try:
        return _load(paths, tuple(path.stat().st_mtime_ns for path in paths))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationFault(
            f"Không đọc được chứng thư tin cậy {', '.join(map(str, paths))}: {error}; "
            "hãy kiểm tra trust_roots."
        ) from error


@lru_cache(maxsize=16)
def _load(paths: tuple[Path, ...], _changed: tuple[int, ...]) -> tuple[Certificate, ...]:
    from pyhanko.keys import load_certs_from_pemder  # slow to import

    return tuple(load_certs_from_pemder([str(path) for path in paths]))  # type: ignore[no-untyped-call]
