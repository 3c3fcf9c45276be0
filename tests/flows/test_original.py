"""What was uploaded is given back to reviewers, wherever its bytes are now; a secret to nobody."""

from hashlib import sha256

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from deployments.preview.app import app
from deployments.preview.session import COOKIE, token
from domain.secrecy import SECRET
from storage.registry import audit, scans, schema
from tasks import reviewers
from tasks.house import house
from tests.flows import papers as drawn


@pytest.fixture
def reviewer(office):
    """The code of a reviewer."""
    house().prepare()
    reviewers.add("thu.ha", "Thu Hà", "274916", actor="test")
    return "thu.ha"


@pytest.fixture
def client(reviewer):
    """A browser in which the reviewer has logged in."""
    browser = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
    browser.cookies.set(COOKIE, token(reviewer))
    return browser


def _id(content):
    return sha256(content).hexdigest()


def _waits(scan_id):
    with house().registry.read() as db:
        return house().intake.info(scans.scan(db, scan_id)["key"]) is not None


def test_the_bytes_are_the_same_from_intake_shelf_and_archive(office, client, reviewer):
    """A file to save, never shown inside the browser; who took it is in the audit chain."""
    good, bad = drawn.jpeg("giay-khai-sinh", 1), drawn.truncated()
    office.bring({"tờ 1.jpg": good, "hong.pdf": bad})
    assert _waits(_id(good))
    assert client.get(f"/scans/{_id(good)}/original").content == good

    office.run()

    assert not _waits(_id(good))
    given = client.get(f"/scans/{_id(good)}/original")
    assert given.content == good
    assert given.headers["content-disposition"].startswith("attachment; filename*=UTF-8''t%E1%BB")
    assert client.get(f"/scans/{_id(bad)}/original").content == bad
    with house().registry.read() as db:
        viewed = [row for row in audit.of(db, _id(good)) if row["action"] == "scan:viewed"]
    assert [row["actor"] for row in viewed] == [reviewer] * 2


def test_nobody_else_is_given_anything(office, client):
    content = drawn.truncated()
    office.bring({"hong.pdf": content})
    client.cookies.clear()
    assert client.get(f"/scans/{_id(content)}/original").status_code == 303


def test_a_scan_that_nobody_knows_is_not_found(client):
    assert client.get(f"/scans/{'0' * 64}/original").status_code == 404


def test_a_scan_with_a_mark_of_secrecy_is_shown_to_nobody(office, client):
    content = drawn.truncated()
    office.digitize({"mat.pdf": content})
    with house().registry.begin() as db:
        db.execute(update(schema.scans).values(reason=SECRET))
    refused = client.get(f"/scans/{_id(content)}/original")
    assert refused.status_code == 403
    assert "dấu mật" in refused.text
