"""Who gets into the Prefect server: one name and password, kept in a file.

Prefect wants them in its environment; here they are read from the file at the moment of use, so
that no unit file, compose file or shell history holds them. Who a person is, a reverse proxy
with single sign-on knows (docs/operations.md).
"""

from __future__ import annotations

import os
import re

from domain.errors import ConfigurationFault
from tasks.settings import load_settings

_CLIENT, _SERVER = "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"
_AUTH = re.compile(r"[^\s:]+:\S{12,}")


def password_variables() -> dict[str, str]:
    """What server and clients must have in their environment; empty without a password file.

    ConfigurationFault where the file cannot be read or holds no name and password.
    """
    file = load_settings().server_auth_file
    if file is None:
        return {}
    try:
        said = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationFault(
            f"Không đọc được SOHOA_SERVER_AUTH_FILE ({file}): {error.strerror}."
        ) from error
    if not _AUTH.fullmatch(said):
        raise ConfigurationFault(
            f"Tệp {file} phải có một dòng «tên:mật khẩu», mật khẩu từ 12 ký tự, không có dấu cách."
        )
    return {_CLIENT: said, _SERVER: said}


def let_in() -> None:
    """Give this process's Prefect client the password, before Prefect is imported."""
    if _CLIENT not in os.environ and (said := password_variables()):
        os.environ[_CLIENT] = said[_CLIENT]
