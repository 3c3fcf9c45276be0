"""Alarms by mail (SMTP, RFC 5321): to whoever is on duty, without anything read from a paper."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import ConfigurationFault, Unavailable
from tasks.settings_groups import Mail

LOG = logging.getLogger("sohoa.mail")
_LONGEST_SUBJECT = 120


class Alarmed(BaseModel):
    """An alarm as the automation posts it (`deployments.alarms.PAYLOAD`)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    alarm: str = Field(max_length=200)
    about: str = Field(max_length=500)
    text: str = Field(max_length=20_000)
    remedy: str = Field(max_length=20_000)


def send(mail: Mail, told: Sequence[Alarmed]) -> None:
    """Hand the alarms to the SMTP server as one mail; addresses that it refuses are logged.

    Raises Unavailable where it does not answer in time or refuses everybody, ConfigurationFault
    where no server is configured, or its password cannot be read or is wrong.
    """
    if mail.host is None:
        raise ConfigurationFault("Chưa cấu hình thư cảnh báo: đặt SOHOA_MAIL__HOST.")
    password = _password(mail)
    message = _message(mail, told)
    try:
        with _connected(mail, mail.host) as server:
            if mail.user and password is not None:
                server.login(mail.user, password)
            refused = server.send_message(message)
    except (smtplib.SMTPAuthenticationError, UnicodeError) as error:  # trying again may lock it
        raise ConfigurationFault(
            f"Máy chủ thư {mail.host} không nhận tên hoặc mật khẩu ({_said(error)}): kiểm tra "
            "SOHOA_MAIL__USER và tệp mật khẩu (chữ không dấu)."
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(f"Máy chủ thư {mail.host} không nhận: {_said(error)}") from error
    if refused:  # the others have it: to say that it failed would send it to them again
        LOG.error("Máy chủ thư %s không nhận %d địa chỉ.", mail.host, len(refused))


def _connected(mail: Mail, host: str) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    if mail.security == "tls":
        return smtplib.SMTP_SSL(host, mail.port, timeout=mail.timeout_seconds, context=trusted)
    server = smtplib.SMTP(host, mail.port, timeout=mail.timeout_seconds)
    if mail.security == "starttls":
        try:
            server.starttls(context=trusted)
        except BaseException:
            server.close()
            raise
    return server


def _password(mail: Mail) -> str | None:
    if mail.password_file is None:
        return None
    try:
        return mail.password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFault(
            f"Không đọc được mật khẩu thư {mail.password_file}: kiểm tra SOHOA_MAIL__PASSWORD_FILE."
        ) from error


def _message(mail: Mail, told: Sequence[Alarmed]) -> EmailMessage:
    message = EmailMessage()
    several = f"{len(told)} cảnh báo: " if len(told) > 1 else ""
    subject = f"[sohoa] {several}{' '.join(told[0].text.split())}"
    message["Subject"] = subject[:_LONGEST_SUBJECT]
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.recipients)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(
        "\n\n".join(
            f"{one.text}\n\nViệc phải làm: {one.remedy}\n\nCảnh báo: {one.alarm}\nVề: {one.about}\n"
            for one in told
        )
    )
    return message


def _said(error: Exception) -> str:
    """What went wrong, without what the server quotes of addresses and passwords."""
    if isinstance(error, UnicodeError):  # it would quote the password
        return type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return type(error).__name__ if isinstance(error, smtplib.SMTPException) else str(error)
