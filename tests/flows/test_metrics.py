"""Figures for Prometheus: what a lot has come to, read by Prometheus's own parser."""

import threading
import time

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from deployments.listener.app import app
from deployments.listener.guard import SECRET_HEADER, shared_secret
from domain.errors import Unavailable
from storage.registry import waiting
from tasks import metric_counts
from tasks.house import house
from tasks.metric_counts import KeptCounts
from tests.flows import papers as drawn


def _figures(text):
    """(name, values of the labels in the order of their names…) → value."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def ask(office):
    """The figures as the listener gives them."""
    house().prepare()
    shared_secret.cache_clear()
    client = TestClient(app, base_url="http://127.0.0.1")
    yield lambda secret=None: client.get(
        "/metrics", headers={SECRET_HEADER: shared_secret() if secret is None else secret}
    )
    shared_secret.cache_clear()


def test_a_lot_shows_in_states_totals_and_durations_of_steps(office, ask):
    """One paper archived, one scan set aside; every step of the line was timed."""
    office.digitize({"a.jpg": drawn.jpeg("giay-khai-sinh", 1), "hong.pdf": drawn.truncated()})
    found = _figures(ask().text)
    assert found["sohoa_scans", "done"] == found["sohoa_scans", "set_aside"] == 1
    assert found["sohoa_scans_set_aside", "truncated"] == 1
    assert found["sohoa_papers", "archived"] == found["sohoa_papers_archived_total",] == 1
    assert found["sohoa_uploads_total",] == 2
    assert found["sohoa_oldest_waiting_seconds", "scans"] == 0
    assert found["sohoa_step_faults_total", "set_aside", "open_pages"] == 1
    for step in ("open_pages", "recognise", "archive", "register"):
        assert found["sohoa_step_seconds_count", step] == 1
        assert found["sohoa_step_seconds_bucket", "+Inf", step] == 1
    assert found["sohoa_step_seconds_sum", "recognise"] > 0


def test_the_age_of_what_waits_is_told(office, ask):
    office.bring({"a.jpg": drawn.jpeg("giay-khai-sinh", 1)})
    found = _figures(ask().text)
    assert 0 < found["sohoa_oldest_waiting_seconds", "scans"] < 60
    assert found["sohoa_scans", "received"] == 1


def test_steps_of_later_runs_are_added(office, ask):
    for name in ("hong-1.pdf", "hong-2.pdf"):
        office.digitize({name: drawn.truncated() + name.encode()})
    assert _figures(ask().text)["sohoa_step_faults_total", "set_aside", "open_pages"] == 2


def test_nobody_without_the_secret_is_told_anything(ask):
    assert (ask("").status_code, ask("sai").status_code) == (401, 401)


# -- what whole tables are counted for ------------------------------------------------


@pytest.fixture
def counts(office):
    """The kept counts of an installation, and one uploaded scan."""
    office.bring({"a.pdf": drawn.truncated()})
    return KeptCounts(house())


def test_tables_are_counted_again_only_when_that_is_due(office, counts, monkeypatch):
    """Between, the counts are those of before, and their age says so."""
    monkeypatch.setattr(metric_counts, "_REST", 1e9)
    first = counts.latest()
    office.bring({"b.pdf": drawn.truncated() + b"b"}, lot="lo-2")
    time.sleep(0.01)
    assert counts.latest() is first
    assert first.age_seconds > 0.01
    monkeypatch.setattr(counts, "_rest_until", 0.0)
    monkeypatch.setattr(metric_counts, "_PATIENCE_SECONDS", 30)
    assert counts.latest().scans == {"received": 2}


def test_the_age_of_the_counts_is_told(office, ask):
    office.bring({"a.pdf": drawn.truncated()})
    assert 0 < _figures(ask().text)["sohoa_counts_age_seconds",] < 60


def test_no_scrape_waits_for_counting_that_takes_long(office, counts, monkeypatch):
    """It tells what was counted before; who asks later finds the new counts, taken once."""
    monkeypatch.setattr(metric_counts, "_REST", 0)
    counts.latest()
    office.bring({"b.pdf": drawn.truncated() + b"b"}, lot="lo-2")
    totals, go, times = waiting.totals, threading.Event(), []

    def slow(db):
        times.append(go.wait(30))
        return totals(db)

    monkeypatch.setattr(waiting, "totals", slow)
    begun = time.monotonic()
    told = [counts.latest().totals[0] for _ in range(3)]
    assert (told, time.monotonic() - begun < 10) == ([1, 1, 1], True)
    monkeypatch.setattr(metric_counts, "_REST", 1e9)
    monkeypatch.setattr(metric_counts, "_PATIENCE_SECONDS", 30)
    go.set()
    assert (counts.latest().totals[0], len(times)) == (2, 1)


def test_a_registry_that_did_not_answer_is_asked_again(counts, monkeypatch):
    """A scrape fails as it did, nothing is kept of it."""

    def gone(_db):
        raise Unavailable("sổ đăng ký không trả lời")

    with monkeypatch.context() as patch:
        patch.setattr(waiting, "totals", gone)
        with pytest.raises(Unavailable):
            counts.latest()
    assert counts.latest().totals[0] == 1
