"""Nobody gets into the Prefect server without the password; everything of ours has it."""

import asyncio
import json
import subprocess
import sys

import httpx
import pytest
import websockets

from tests.integration.conftest import COMMAND_LINE

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/flow_runs/filter"),
        ("POST", "/deployments/filter"),
        ("POST", "/events"),
        ("POST", "/events/filter"),
        ("POST", "/block_documents/filter"),
        ("GET", "/admin/settings"),
    ],
)
def test_an_address_is_closed_without_the_password(office, method, path):
    """And with a wrong one; the worker, the triggers and the commands of other tests have it."""
    url = office.env["PREFECT_API_URL"] + path
    assert httpx.request(method, url, json={}).status_code == 401
    assert httpx.request(method, url, json={}, auth=("sohoa", "sai")).status_code == 401
    assert httpx.get(office.env["PREFECT_API_URL"] + "/health").status_code == 200


def test_the_stream_of_events_is_closed_without_the_password(office):
    """What a run tells goes in over a web socket; a stranger is turned away."""
    url = office.env["PREFECT_API_URL"].replace("http", "ws", 1) + "/events/out"

    async def listen():
        async with websockets.connect(url, subprotocols=["prefect"]) as stream:
            await stream.send('{"type": "auth", "token": "sai"}')
            return await stream.recv()

    with pytest.raises(websockets.exceptions.ConnectionClosed):
        asyncio.run(listen())


def test_a_command_reads_the_password_from_its_file(office):
    """Where Prefect's own variable says otherwise that counts; the doctor names the refusal."""
    checks = {check["name"]: check for check in office.sohoa("doctor")}
    assert checks["server"]["state"] == "ok"
    wrong = {**office.env, "PREFECT_API_AUTH_STRING": "sohoa:sai-mat-khau"}
    command = [sys.executable, "-c", COMMAND_LINE, "doctor", "--json"]
    done = subprocess.run(command, env=wrong, capture_output=True, check=False, timeout=120)
    assert done.returncode == 6
    refused = {check["name"]: check for check in json.loads(done.stdout)}["server"]
    assert refused["state"] == "missing"
    assert "401" in refused["detail"]
