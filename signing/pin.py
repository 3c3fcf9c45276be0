"""A PIN is tried once: a wrong one stops signing before the token or the service locks.

The refusal is kept in a file beside the PIN file (`‹tệp PIN›.refused`), so that no later run and
no other process tries it again. An administrator corrects the PIN and runs `sohoa keys unlock`.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import ConfigurationFault

LOG = logging.getLogger("sohoa.keys")
_refused_here: set[Path] = set()


class PinRefused(ConfigurationFault):
    """The PIN was wrong once, and is not tried again until an administrator says so."""

    def __init__(self, pin_file: Path, owner: str) -> None:
        super().__init__(
            f"ĐÃ NGỪNG KÝ: «{owner}» từ chối mã PIN trong «{pin_file}». Mã không được thử lại, "
            "để thiết bị không bị khóa. Hãy sửa tệp PIN rồi chạy: sohoa keys unlock."
        )
        self._arguments = (pin_file, owner)

    def __reduce__(self) -> tuple[type[PinRefused], tuple[Path, str]]:
        """Survive the way between processes."""
        return type(self), self._arguments


def marker(pin_file: Path) -> Path:
    """The file that says that this PIN was refused."""
    return pin_file.with_name(pin_file.name + ".refused")


def read_pin(pin_file: Path, owner: str) -> str:
    """The PIN; PinRefused when it was refused before, ConfigurationFault when unreadable."""
    if pin_file in _refused_here or marker(pin_file).exists():
        raise PinRefused(pin_file, owner)
    return read_secret(pin_file)


def read_secret(path: Path) -> str:
    """The secret in a file, without the line end; ConfigurationFault when it cannot be read."""
    try:
        secret = path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFault(
            f"Không đọc được tệp bí mật «{path}»; hãy kiểm tra đường dẫn và quyền đọc."
        ) from error
    if not secret:
        raise ConfigurationFault(f"Tệp bí mật «{path}» trống; hãy ghi mã PIN vào đó.")
    return secret


def refuse(pin_file: Path, owner: str) -> PinRefused:
    """Remember that the PIN was refused; the error to raise."""
    _refused_here.add(pin_file)
    alarm = PinRefused(pin_file, owner)
    LOG.critical("%s", alarm)
    try:
        marker(pin_file).write_text(f"{datetime.now(UTC).isoformat()} {owner}\n", encoding="utf-8")
    except OSError as error:  # a read-only place: this process and the token's own flag remember
        LOG.critical("không ghi được dấu ngừng ký «%s»: %s", marker(pin_file), error)
    return alarm


def forgive(pin_file: Path) -> bool:
    """Let the PIN be tried once more; whether it had been refused."""
    known = pin_file in _refused_here or marker(pin_file).exists()
    _refused_here.discard(pin_file)
    marker(pin_file).unlink(missing_ok=True)
    return known
