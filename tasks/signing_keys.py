"""Whose keys sign here: the configured ones, or throw-away test keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.errors import ConfigurationFault
from signing.keys import SignerConfig
from tasks.settings import Settings


@dataclass(frozen=True)
class SigningKeys:
    """The keys in use; `test` says that they are throw-away keys without legal value."""

    agency: SignerConfig
    officer: SignerConfig | None
    """None where officers sign with their own tokens."""
    certifier: SignerConfig | None
    """None where no copies are certified, or with a throw-away key (`House.certifier`)."""
    trust_roots: tuple[Path, ...]
    test: bool

    @property
    def by_role(self) -> dict[str, SignerConfig]:
        """The keys that this installation holds, by whom they stand for."""
        held = {"cơ quan": self.agency, "cán bộ": self.officer, "chứng thực": self.certifier}
        return {role: key for role, key in held.items() if key is not None}


def signing_keys(settings: Settings) -> SigningKeys:
    """The configured keys; throw-away test keys under the home where none are configured.

    Raises ConfigurationFault where only one of the two is.
    """
    configured = settings.keys
    own_tokens = settings.officer_signing == "own_token"
    if configured.agency and (configured.officer or own_tokens):
        return SigningKeys(
            configured.agency,
            configured.officer,
            configured.certifier,
            configured.trust_roots,
            test=False,
        )
    if configured.agency or configured.officer:
        raise ConfigurationFault(
            "Phải cấu hình cả hai khóa SOHOA_KEYS__AGENCY và SOHOA_KEYS__OFFICER, "
            "hoặc không khóa nào (khi đó dùng khóa thử); cán bộ ký bằng thiết bị của mình thì "
            "đặt SOHOA_OFFICER_SIGNING=own_token."
        )
    from signing.demo_authority import make_demo_keys  # only when needed

    made = make_demo_keys(
        settings.home / "keys",
        agency_name=settings.agency_name,
        officer_name=settings.officer_name,
    )
    roots = (made.root_certificate, *configured.trust_roots)
    return SigningKeys(made.agency, made.officer, configured.certifier, roots, test=True)


def certifier_of(keys: SigningKeys, home: Path) -> SignerConfig:
    """The key of who certifies copies; a throw-away one where all keys are."""
    if keys.certifier is not None:
        return keys.certifier
    if not keys.test:
        raise ConfigurationFault("Chưa cấu hình khóa chứng thực bản sao: SOHOA_KEYS__CERTIFIER.")
    from signing.demo_authority import make_demo_keys  # only when needed

    name = "Người chứng thực (thử nghiệm)"
    return make_demo_keys(_certifier_folder(home), agency_name=name, officer_name=name).agency


def roots_of(keys: SigningKeys, home: Path) -> tuple[Path, ...]:
    """Whom verification trusts, with the throw-away certifier's root where there is one."""
    root = _certifier_folder(home) / "demo" / "root.pem"
    return (*keys.trust_roots, root) if keys.test and root.is_file() else keys.trust_roots


def _certifier_folder(home: Path) -> Path:
    return home / "keys" / "certifier"
