"""Before signing: which level can be reached now, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import ConfigurationFault
from signing.levels import Level, TrustServices
from signing.timestamps import FailoverTimeStamper, NoTimeStampError
from signing.validation_data import (
    NoValidationDataError,
    RevokedCertificateError,
    UntrustedChainError,
    ValidationData,
    validation_data,
)

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer as PyhankoSigner


@dataclass(frozen=True)
class Protection:
    """What a signature will carry."""

    level: Level
    shortfall: str = ""
    """Why the level is less than wanted, in Vietnamese; empty where it is not."""
    stamper: FailoverTimeStamper | None = None
    data: tuple[ValidationData, ...] = ()


def protection(key: PyhankoSigner, wanted: Level, services: TrustServices) -> Protection:
    """The best that can be had now of what is wanted; services that are down only lower it.

    Raises ConfigurationFault where the certificate was revoked or leads to no trusted root:
    what is signed with it would never be worth anything.
    """
    if wanted == "B-B":
        return Protection("B-B")
    own, missing = _own_data(key, services) if wanted != "B-T" else (None, "")
    stamper = FailoverTimeStamper(services)
    try:
        authority = stamper.expected()
    except NoTimeStampError as error:
        return without_time(error)
    if wanted == "B-T" or own is None:
        return Protection("B-T", missing, stamper)
    return Protection(wanted, "", stamper, (own, authority.data))


def without_time(error: NoTimeStampError) -> Protection:
    """A bare signature, because no authority answers."""
    return Protection("B-B", f"không lấy được dấu thời gian – {error}")


def _own_data(key: PyhankoSigner, services: TrustServices) -> tuple[ValidationData | None, str]:
    certificate = key.signing_cert
    if certificate is None:
        return None, "khóa không có chứng thư"
    try:
        return validation_data(certificate, key.cert_registry, services), ""
    except RevokedCertificateError as error:
        raise ConfigurationFault(
            f"Không ký nữa: {error}. Ngừng dùng khóa này và báo cơ quan cấp chứng thư."
        ) from error
    except UntrustedChainError as error:
        raise ConfigurationFault(
            f"Không ký mức B-LT được: {error}. Kiểm tra SOHOA_KEYS__TRUST_ROOTS và chứng thư."
        ) from error
    except NoValidationDataError as error:
        return None, str(error)
