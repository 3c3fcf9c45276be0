"""Figures for Prometheus, read from the registry: the same on every host, whoever is asked.

Nothing is counted in memory, so a restart loses nothing. What whole tables must be counted for is
as old as `sohoa_counts_age_seconds` says, the rest is of now. No label has personal data in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy import Connection, RowMapping

from domain.states import PaperState, ScanState
from storage.registry import step_times, waiting
from tasks.house import House
from tasks.metric_counts import Counts, kept_counts
from tasks.step_times import BOUNDS_SECONDS

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(here: House) -> bytes:
    """All figures as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_FromRegistry(here))
    return generate_latest(registry)


def samples(here: House) -> list[dict[str, Any]]:
    """The same as plain values: name, labels, value."""
    return [
        {"name": sample.name, "labels": sample.labels, "value": sample.value}
        for family in _FromRegistry(here).collect()
        for sample in family.samples
    ]


class _FromRegistry(Collector):
    def __init__(self, here: House) -> None:
        self._here = here

    def collect(self) -> Iterable[Metric]:
        """One look into the registry."""
        self._here.registry.migrate()
        yield from _counts(kept_counts(self._here).latest())
        with self._here.registry.read() as db:
            yield self._ages(db)
            rows = step_times.listed(db)
        yield _durations(rows)
        yield _faults(rows)

    def _ages(self, db: Connection) -> Metric:
        now = self._here.now()
        ages = {queue: (now - since).total_seconds() for queue, since in waiting.oldest(db).items()}
        return _by(
            "sohoa_oldest_waiting_seconds",
            "Thứ chờ lâu nhất trong từng hàng đợi đã chờ bao lâu; hàng trống: 0",
            "queue",
            {**dict.fromkeys(waiting.QUEUES, 0.0), **ages},
        )


def _counts(found: Counts) -> Iterator[Metric]:
    scans = {**{str(state): 0 for state in ScanState}, **found.scans}
    papers = {**{str(state): 0 for state in PaperState}, **found.papers}
    yield _by("sohoa_scans", "Bản quét theo trạng thái", "state", scans)
    yield _by("sohoa_scans_set_aside", "Bản quét để riêng theo lý do", "reason", found.set_aside)
    yield _by("sohoa_papers", "Giấy tờ theo trạng thái", "state", papers)
    yield _by("sohoa_outbox", "Hàng gửi Cổng DVCQG", "state", found.outbox)
    uploads, archived, pages = found.totals  # what only grows: rates are made of it
    yield CounterMetricFamily("sohoa_uploads", "Tệp đã tải lên", value=uploads)
    yield CounterMetricFamily("sohoa_papers_archived", "Giấy tờ đã lưu trữ", value=archived)
    yield CounterMetricFamily("sohoa_pages_opened", "Trang đã mở", value=pages)
    yield GaugeMetricFamily(
        "sohoa_counts_age_seconds",
        "Các số đếm trên đây được đếm cách nay bao lâu",
        value=found.age_seconds,
    )


def _by(name: str, text: str, label: str, values: dict[str, int] | dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, figure in sorted(values.items()):
        family.add_metric([value], figure)
    return family


def _durations(rows: list[RowMapping]) -> Metric:
    """Seconds of the calls of each step that did its work."""
    family = HistogramMetricFamily("sohoa_step_seconds", "Thời gian của từng bước", labels=["step"])
    bounds = [*map(str, BOUNDS_SECONDS), "+Inf"]
    done = [row for row in rows if row["outcome"] == "ok"]
    for step in sorted({row["step"] for row in done}):
        mine = {row["bucket"]: row for row in done if row["step"] == step}
        count, buckets = 0, []
        for number, bound in enumerate(bounds):
            count += mine[number]["calls"] if number in mine else 0
            buckets.append((bound, float(count)))
        family.add_metric([step], buckets, sum(row["seconds"] for row in mine.values()))
    return family


def _faults(rows: list[RowMapping]) -> Metric:
    """Calls that ended otherwise: `set_aside` for the document's fault, `error` for ours."""
    family = CounterMetricFamily(
        "sohoa_step_faults", "Bước không xong, vì tài liệu hoặc vì lỗi", labels=["step", "outcome"]
    )
    calls: dict[tuple[str, str], int] = {}
    for row in rows:
        if row["outcome"] != "ok":
            key = (row["step"], row["outcome"])
            calls[key] = calls.get(key, 0) + row["calls"]
    for labels, count in sorted(calls.items()):
        family.add_metric(list(labels), count)
    return family
