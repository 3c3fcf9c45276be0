"""The server's part of `sohoa sign`: here, or over a session such as `ssh canbo@may-chu`."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from deployments.cli.line import run_digitize, server_configured
from domain.errors import ConfigurationFault, IntegrityFault, Unavailable
from domain.officer import Returned, SignatureBatch, ToSign

T = TypeVar("T", bound=BaseModel)

_SECONDS, _SECONDS_A_PAPER = 120, 60
"""For one session: without a Prefect server the line of the signed papers runs in it, too."""
_NOTICE_A_DEAD_LINE = (
    *("-o", "ConnectTimeout=20"),
    *("-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"),
)


def fetch_from(server: str | None, officer: str) -> ToSign:
    """What the officer has to sign. Unavailable where the server does not answer."""
    if server:
        return parsed(_there(server, ["sign", "fetch", "--as", officer]), ToSign)
    from tasks.house import house
    from tasks.officer import digests_for

    house().registry.migrate()
    return digests_for(officer)


def return_to(server: str | None, signed: SignatureBatch) -> Returned:
    """Hand the signatures over; the lots go on. Unavailable where the server does not answer.

    It may have taken them even then: the same signatures may be sent again.
    """
    if server:
        said = _there(
            server,
            ["sign", "return", "-", "--json"],
            signed.model_dump_json(),
            seconds=_SECONDS + _SECONDS_A_PAPER * len(signed.papers),
        )
        return parsed(said, Returned)
    from tasks.announce import announce_upload
    from tasks.house import house
    from tasks.officer_return import take_signatures

    house().registry.migrate()
    returned = take_signatures(signed)
    for lot in returned.lots:
        if not (server_configured() and announce_upload(lot)):
            run_digitize(lot)
    return returned


def parsed(text: str, kind: type[T]) -> T:
    """What one of the commands wrote; ConfigurationFault where it did not."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise ConfigurationFault(
            f"Tệp không đúng dạng của «sohoa sign» ({error.error_count()} lỗi); hãy lấy lại."
        ) from error


def _there(server: str, words: list[str], given: str = "", *, seconds: int = _SECONDS) -> str:
    """Run `sohoa` on the server; what it printed. Its exit code 7 still carries an answer."""
    session = shlex.split(server)
    if session and Path(session[0]).name == "ssh":
        session += _NOTICE_A_DEAD_LINE  # behind the user's own options, which count first
    try:
        done = subprocess.run(
            [*session, shlex.join(["sohoa", *words])],
            input=given,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"Không mở được phiên trên máy chủ ({error}); thử lại sau.") from error
    if done.returncode not in {0, IntegrityFault.exit_code} or not done.stdout:
        said = " ".join(done.stderr.split())[-300:] or f"mã thoát {done.returncode}"
        raise Unavailable(f"Máy chủ không làm được: {said}. Sửa rồi chạy lại lệnh này.")
    return done.stdout
