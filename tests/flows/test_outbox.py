"""Every archived paper reaches the portal once in effect, in order per dossier, whatever fails."""

import threading
from datetime import timedelta

import pytest

from domain.errors import ConfigurationFault, NotFound
from flows.outbox import outbox as outbox_flow
from storage.registry import outbox
from storage.registry.schema import outbox as table
from tasks.house import house
from tasks.outbox import messages, requeue, send_waiting
from tests.servers.portal import start_portal
from tests.store import archive_paper, installed

UNSURE = ["taken_then_cut", "taken_then_500", "no_receipt", "drip", "huge"]
NOT_TAKEN = ["reset", "down", "half", "garbage", "silent"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def place(request, tmp_path, monkeypatch, test_keys):
    """An installation of its own, with its registry on either database."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_registry").url
        monkeypatch.setenv("SOHOA_REGISTRY__URL", url)
    with installed(tmp_path, monkeypatch, test_keys) as here:
        yield here


@pytest.fixture
def portal(place, monkeypatch):
    """A stand-in portal that this installation sends to."""
    with start_portal() as portal:
        monkeypatch.setenv("SOHOA_OUTBOX__URL", f"{portal.url}/messages")
        monkeypatch.setenv("SOHOA_OUTBOX__TIMEOUT_SECONDS", "0.6")
        monkeypatch.setenv("SOHOA_OUTBOX__ATTEMPTS", "4")
        house.cache_clear()
        house().registry.migrate()
        yield portal


def _send():
    return send_waiting(100, 1)


def _later():
    """Everything that waits is due now."""
    with house().registry.begin() as db:
        db.execute(table.update().values(next_at=house().now(), claimed_until=None))


def test_a_paper_is_sent_once_with_what_the_archive_says(portal):
    paper = archive_paper(1, dossier="D-1", result_code="D-1-KQ(1)")
    done = _send()
    assert (done.queued, done.sent, done.done, done.archived) == (1, 1, 1, 1)
    assert not done.official
    (message,) = portal.taken.values()
    assert message["MaHoSo"] == "D-1"
    (result,) = message["GiayToKetQua"]
    assert result["GiayToId"] == paper
    assert result["MaKetQuaHoSo"] == "D-1-KQ(1)"
    assert result["HashTepTin"] == f"{10_001:064x}"
    assert _send().sent == 0
    assert sum(portal.posts.values()) == 1


@pytest.mark.parametrize("fault", UNSURE + NOT_TAKEN)
def test_whatever_fails_the_message_arrives_and_is_taken_once(portal, fault):
    archive_paper(1)
    portal.trouble(fault)
    assert _send().again == 1
    (row,) = messages()
    assert row["state"] == "waiting"
    assert row["fault"]
    assert _send().sent == 0  # not due yet
    _later()
    assert _send().sent == 1
    assert len(portal.taken) == 1
    assert set(portal.posts.values()) == {2}  # both times under one name


@pytest.mark.parametrize("fault", UNSURE)
def test_where_the_portal_can_be_asked_nothing_is_sent_twice(portal, monkeypatch, fault):
    monkeypatch.setenv("SOHOA_OUTBOX__STATUS_URL", f"{portal.url}/messages/{{message_id}}")
    house.cache_clear()
    archive_paper(1)
    portal.trouble(fault)
    _send()
    _later()
    assert _send().sent == 1
    assert set(portal.posts.values()) == {1}


def test_a_portal_that_was_asked_and_has_nothing_gets_it(portal, monkeypatch):
    monkeypatch.setenv("SOHOA_OUTBOX__STATUS_URL", f"{portal.url}/messages/{{message_id}}")
    house.cache_clear()
    archive_paper(1)
    portal.trouble("reset")
    _send()
    _later()
    assert _send().sent == 1
    assert len(portal.taken) == 1


def test_a_busy_portal_is_left_alone_as_long_as_it_asks(portal):
    archive_paper(1)
    portal.trouble("busy")
    _send()
    with house().registry.read() as db:
        (row,) = outbox.listed(db)
    assert row["next_at"] > house().now() + timedelta(seconds=7100)


def test_order_is_kept_in_a_dossier_and_other_dossiers_go_on(portal):
    first, second = archive_paper(1, dossier="D-1"), archive_paper(2, dossier="D-1")
    other = archive_paper(3, dossier="D-2")
    portal.trouble("down")
    _send()
    names = [outbox.message_id(paper) for paper in (other, first, second)]
    assert list(portal.taken) == names[:1]
    _later()
    _send()
    assert list(portal.taken) == names


def test_what_is_refused_waits_for_a_person_and_holds_its_dossier_back(portal):
    archive_paper(1, dossier="D-1")
    archive_paper(2, dossier="D-1")
    portal.trouble("refuse")
    assert _send().dead == 1
    assert portal.taken == {}
    _later()
    assert _send().sent == 0
    (dead,) = messages("dead")
    assert "422" in dead["fault"]
    with pytest.raises(NotFound):
        requeue(("khong-co",), everything=False, actor="thử")
    assert requeue((dead["message_id"],), everything=False, actor="thử") == 1
    assert _send().sent == 2


def test_a_portal_that_never_works_ends_in_a_dead_letter(portal):
    archive_paper(1)
    for _ in range(4):
        portal.trouble("down")
        _send()
        _later()
    assert [row["attempts"] for row in messages("dead")] == [4]


@pytest.mark.parametrize("fault", ["redirect", "token"])
def test_a_wrong_key_or_address_stops_the_run_and_costs_no_attempt(portal, fault):
    archive_paper(1)
    archive_paper(2)
    if fault == "token":
        portal.token = "bí-mật"
    else:
        portal.trouble("redirect")
    with pytest.raises(ConfigurationFault):
        outbox_flow.fn(100, 1)
    assert {row["attempts"] for row in messages()} == {0}
    assert sum(portal.posts.values()) == 1
    portal.token = None
    assert outbox_flow.fn(100, 1).sent == 2


def test_a_sender_that_died_is_followed_by_one_that_knows_it_may_have_sent(portal):
    archive_paper(1)
    at = house().now()
    with house().registry.begin() as db:
        outbox.enqueue(db, at=at, limit=10)
        assert outbox.claim(db, at=at, lease=timedelta(seconds=1))["uncertain"] is False
    with house().registry.begin() as db:
        again = outbox.claim(db, at=at + timedelta(seconds=2), lease=timedelta(seconds=1))
    assert again["uncertain"] is True


def test_many_senders_at_once_send_each_message_once(portal, monkeypatch):
    for number in range(12):
        archive_paper(number, dossier=f"D-{number % 4}")
    threads = [threading.Thread(target=_send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _send()
    assert len(portal.taken) == 12
    assert set(portal.posts.values()) == {1}


def test_without_an_address_nothing_is_sent(place):
    assert "SOHOA_OUTBOX__URL" in outbox_flow.fn(100, 1).stopped
    with pytest.raises(ConfigurationFault):
        send_waiting(100, 1)
