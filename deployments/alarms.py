"""The automation that forwards every alarm to a web address, and a trial of it.

The address is a secret (whoever knows it can post there): it comes from a file and is kept by
the Prefect server, in an encrypted block.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from prefect import get_client
from prefect.blocks.webhook import Webhook
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from domain.alarms import TRIAL
from domain.errors import ConfigurationFault

NAME = "Chuyển tiếp mọi cảnh báo của sohoa"
BLOCK = "sohoa-canh-bao"
PAYLOAD = """{
  "alarm": {{ event.event | tojson }},
  "about": {{ event.resource.id | tojson }},
  "text": {{ event.payload.text | tojson }},
  "remedy": {{ event.payload.remedy | tojson }}
}"""
"""What is posted (JSON); no alarm has personal data in it."""


def forward_to(address_file: Path) -> None:
    """Forward every alarm, now and later, to the address in the file; the last call counts."""
    address = address_file.read_text(encoding="utf-8").strip()
    if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
        raise ConfigurationFault(f"Tệp {address_file} không có địa chỉ http(s) nào.")
    block = Webhook(url=address)
    kept = block.save(BLOCK, overwrite=True)
    automation = AutomationCore(
        name=NAME,
        description="Do «sohoa alarms forward» tạo; chạy lại lệnh để đổi địa chỉ.",
        trigger=EventTrigger(
            expect={"sohoa.alarm.*"},
            posture=Posture.Reactive,
            threshold=1,
            within=0,
        ),
        actions=[CallWebhook(block_document_id=kept, payload=PAYLOAD)],
    )
    with get_client(sync_client=True) as client:
        there = client.read_automations_by_name(NAME)
        if there:
            client.update_automation(there[0].id, automation)
        else:
            client.create_automation(automation)


def try_out() -> None:
    """Send one alarm that says it is a trial; it must arrive where alarms are forwarded to."""
    event = {
        "event": TRIAL.event,
        "occurred": datetime.now(UTC).isoformat(),
        "id": str(uuid.uuid4()),
        "resource": {"prefect.resource.id": "sohoa.trial"},
        "payload": {"text": TRIAL.meaning, "remedy": TRIAL.remedy},
    }
    with get_client(sync_client=True) as client:
        client.request("POST", "/events", json=[event]).raise_for_status()
