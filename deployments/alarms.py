"""The automation that forwards every alarm to a web address, and a trial of it.

The address is a secret (whoever knows it can post there): it comes from a file and is kept by
the Prefect server, in an encrypted block.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from prefect import get_client
from prefect.blocks.webhook import Webhook
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.types import SecretDict
from pydantic import SecretStr

from deployments.listener.guard import shared_secret
from domain.alarms import TRIAL
from domain.errors import ConfigurationFault
from tasks.house import house

NAME = "Chuyển tiếp mọi cảnh báo của sohoa"
BLOCK = "sohoa-canh-bao"
MAIL_BLOCK = "sohoa-canh-bao-thu"
PAYLOAD = """{
  "alarm": {{ event.event | tojson }},
  "about": {{ event.resource.id | tojson }},
  "text": {{ event.payload.text | tojson }},
  "remedy": {{ event.payload.remedy | tojson }}
}"""
"""What is posted (JSON); no alarm has personal data in it."""


def forward_to(address_file: Path | None, *, mail: bool = False) -> None:
    """Forward every alarm, now and later, to the address in the file, by mail, or both.

    The last call counts. Mails are sent by the listener, which is told like any other address:
    so they go out though no worker is alive. Raises ConfigurationFault for an address that is
    none, and where mail is not configured.
    """
    blocks = []
    if address_file is not None:
        blocks.append(_kept(BLOCK, Webhook(url=_address(address_file))))
    if mail:
        blocks.append(_kept(MAIL_BLOCK, _listener()))
    automation = AutomationCore(
        name=NAME,
        description="Do «sohoa alarms forward» tạo; chạy lại lệnh để đổi địa chỉ.",
        trigger=EventTrigger(
            expect={"sohoa.alarm.*"},
            posture=Posture.Reactive,
            threshold=1,
            within=0,
        ),
        actions=[CallWebhook(block_document_id=block, payload=PAYLOAD) for block in blocks],
    )
    with get_client(sync_client=True) as client:
        there = client.read_automations_by_name(NAME)
        if there:
            client.update_automation(there[0].id, automation)
        else:
            client.create_automation(automation)


def _address(file: Path) -> SecretStr:
    try:
        address = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFault(f"Không đọc được tệp {file}.") from error
    if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
        raise ConfigurationFault(f"Tệp {file} không có địa chỉ http(s) nào.")
    return SecretStr(address)


def _listener() -> Webhook:
    settings = house().settings
    if settings.mail.host is None:
        raise ConfigurationFault("Chưa cấu hình thư cảnh báo: đặt SOHOA_MAIL__HOST.")
    return Webhook(
        url=SecretStr(f"{settings.listen.public_url}/alarms"),
        headers=SecretDict({"Authorization": f"Bearer {shared_secret(may_make=False)}"}),
    )


def _kept(name: str, block: Webhook) -> UUID:
    return cast("UUID", block.save(name, overwrite=True))


def try_out() -> None:
    """Send one alarm that says it is a trial; it must arrive where alarms are forwarded to."""
    event = {
        "event": TRIAL.event,
        "occurred": datetime.now(UTC).isoformat(),
        "id": str(uuid4()),
        "resource": {"prefect.resource.id": "sohoa.trial"},
        "payload": {"text": TRIAL.meaning, "remedy": TRIAL.remedy},
    }
    with get_client(sync_client=True) as client:
        client.request("POST", "/events", json=[event]).raise_for_status()
