"""An SMTP server (aiosmtpd) of whoever is on duty: it keeps what is mailed to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.servers.postgres import free_port


@contextmanager
def mailbox(
    *,
    user: str | None = None,
    password: str = "",
    tls: Any = None,
    port: int | None = None,
    refused: Collection[str] = (),
) -> Iterator[tuple[int, list[EmailMessage]]]:
    """Its port on the loopback address, and the mails as they come.

    With `user` it takes mails from nobody else, and for nobody in `refused`; `tls`, an SSL
    context, is for STARTTLS.
    """
    mails: list[EmailMessage] = []

    class Keeping:
        async def handle_RCPT(  # noqa: N802
            self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
        ) -> str:
            if address in refused:
                return "550 no such mailbox"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            message = message_from_bytes(envelope.content, policy=policy.default)
            mails.append(cast("EmailMessage", message))
            return "250 OK"

    def known(_server: Any, _session: Any, _envelope: Any, _how: str, said: Any) -> AuthResult:
        expected = LoginPassword((user or "").encode(), password.encode())
        return AuthResult(success=said == expected, handled=False)

    asked = {"auth_required": True, "authenticator": known} if user else {}
    controller = Controller(
        Keeping(),
        hostname="127.0.0.1",
        port=port or free_port(),
        auth_require_tls=False,
        tls_context=tls,
        **asked,
    )
    controller.start()
    try:
        yield controller.port, mails
    finally:
        controller.stop()
