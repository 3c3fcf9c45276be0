"""Figures for Prometheus: what a lot has come to, read by Prometheus's own parser."""

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from deployments.listener.app import app
from deployments.listener.guard import SECRET_HEADER, shared_secret
from tasks.house import house
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
