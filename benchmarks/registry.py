"""The registry at scale: lookups by owner, claims of a lot, progress; SQLite and PostgreSQL.

`make bench-registry`. The functions measured are those that the
line, the data store and the reports call.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks import registry_rows as rows
from benchmarks.figures import counted as written
from storage.registry import claims, counting, progress, reuse, rollups, uploads
from storage.registry.database import Registry
from tasks.house import House
from tasks.metric_counts import KeptCounts
from tasks.metrics import exposition
from tasks.settings import Settings
from tests.servers.postgres import fresh_database, start_postgres

LOOKUPS = 2000
LOT = 100
_SCANS = 10_000
_NOW = datetime(2026, 11, 27, 1, tzinfo=UTC)
_LEASE = timedelta(minutes=2)


class Figure(NamedTuple):
    """One line of the table; milliseconds."""

    what: str
    backend: str
    middle_ms: float
    p99_ms: float
    aim: str

    def line(self) -> str:
        """The figure as a row of a table in Markdown."""
        return (
            f"| {self.what} | {self.backend} | {self.middle_ms:.1f} | {self.p99_ms:.1f} "
            f"| {self.aim} |"
        )


def figures(papers: int, counted: int) -> Iterator[Figure]:
    """All figures, as they come."""
    for name in ("SQLite", "PostgreSQL"):
        with _registry(name) as registry:
            yield from _of_scale(registry, name, papers)
        with _registry(name) as registry:
            yield from _progress(registry, name, counted)
        with _registry(name) as registry:
            yield from _scrapes(registry, name, papers)


@contextmanager
def _registry(name: str) -> Iterator[Registry]:
    with TemporaryDirectory(prefix="sohoa-registry-") as folder:
        if name == "SQLite":
            registry = Registry(url=f"sqlite:///{folder}/registry.db")
            registry.migrate()
            yield registry
            registry.close()
            return
        with start_postgres(Path(folder)) as url:
            if url is None:
                raise SystemExit("PostgreSQL chưa được cài (gói postgresql).")
            registry = Registry(url=fresh_database(url))
            registry.migrate()
            yield registry
            registry.close()


def _settle(registry: Registry) -> None:
    """What every database does by itself overnight."""
    with registry.begin() as db:
        db.exec_driver_sql("ANALYZE")


def _of_scale(registry: Registry, name: str, papers: int) -> Iterator[Figure]:
    with registry.begin() as db, rows.without_triggers(db):
        rows.fill_scans(db, papers)
        rows.fill_papers(db, papers, papers, described=True)
    _settle(registry)
    random = Random(1)
    owners = [rows.owner_hash(random.randrange(papers // rows.OWNERS_OF)) for _ in range(LOOKUPS)]

    def look(number: int) -> None:
        with registry.read() as db:
            reuse.of_owner(db, owners[number], valid_on=date(2026, 11, 27))

    yield _figure(f"tra cứu theo chủ, {written(papers)} giấy tờ", name, look, LOOKUPS, "p99 ≤ 20")
    for lot in (None, f"lot-{papers // 200}"):

        def claim(number: int, lot: str | None = lot) -> None:
            with registry.begin() as db:
                for _ in range(LOT):
                    claims.claim_next(db, worker=f"w{number}", lot=lot, at=_NOW, lease=_LEASE)

        of = "mọi lô" if lot is None else "một lô"
        what = f"nhận {LOT} bản quét của {of}, {written(papers)} đang chờ"
        yield _figure(what, name, claim, 10 if lot is None else 1, "≤ 100")

    def beat(number: int) -> None:
        with registry.begin() as db:
            claims.renew(db, f"w{number}", until=_NOW + _LEASE)
            claims.workers(db)

    yield _figure("một nhịp giữ bản quét", name, beat, 10, "")

    def receive(number: int) -> None:
        with registry.begin() as db:
            uploads._scan_of_our_file(db, f"{number:064x}")  # noqa: SLF001 - a part of each upload

    yield _figure("một bản quét mới có phải tệp của ta", name, receive, 50, "")


def _progress(registry: Registry, name: str, counted: int) -> Iterator[Figure]:
    """What a year's digitization rate asks of the registry: `tasks.plan_report.digitization`."""
    with registry.begin() as db, rows.without_triggers(db):
        rows.fill_scans(db, _SCANS)
        rows.fill_dossiers(db, counted // rows.PER_DOSSIER)
        rows.fill_papers(db, counted, _SCANS, described=False)
    _settle(registry)
    since, until = datetime(2025, 12, 31, 17, tzinfo=UTC), datetime(2026, 12, 31, 17, tzinfo=UTC)
    year = counting.Span(date(2026, 1, 1), date(2026, 12, 31), until)
    question = rollups.Question("dossiers_resolved", year, ("archived",), "any")

    def by_rows(_: int) -> None:
        with registry.read() as db:
            counting.cells(db, *question)

    def ask(_: int) -> None:
        with registry.read() as db:
            rollups.cells(db, question)
            rollups.loose_dossiers(db, year, ("archived",), since)
            progress.papers_without_dossier(db, since, until)

    def keep(_: int) -> None:
        rollups.keep(registry, question)

    of = f"trên {written(counted)} giấy tờ"
    yield _figure(f"tiến độ một năm {of}, đếm từng hàng", name, by_rows, 1, "")
    yield _figure(f"đếm và giữ lại 12 tháng, lần đầu, {of}", name, keep, 1, "")
    yield _figure(f"tiến độ một năm {of}", name, ask, 5, "≤ 1000")
    with registry.begin() as db:
        rows.archive_a_lot(db, LOT)
    yield _figure(f"… ngay sau khi lưu trữ thêm {LOT} giấy tờ", name, ask, 5, "≤ 1000")
    yield _figure(f"… giữ lại phần của {LOT} giấy tờ ấy", name, keep, 1, "")
    with registry.read() as db:
        if sorted(rollups.cells(db, question)) != sorted(counting.cells(db, *question)):
            raise SystemExit("kept counts are not what the rows say")


def _scrapes(registry: Registry, name: str, papers: int) -> Iterator[Figure]:
    """What Prometheus asks every minute."""
    with registry.begin() as db, rows.without_triggers(db):
        rows.fill_scans(db, papers)
        rows.finish_scans(db)
        rows.fill_papers(db, papers, papers, described=True)
    if name == "PostgreSQL":  # by itself; SQLite's planner knows no statistics unless told to
        _settle(registry)
    here = House(Settings(registry=registry))

    def count(_: int) -> None:
        KeptCounts(here).latest()

    def scrape(_: int) -> None:
        exposition(here)

    of = f"số đo cho Prometheus, {written(papers)} giấy tờ"
    yield _figure(f"{of}: đếm lại mọi bảng", name, count, 5, "")
    scrape(0)
    yield _figure(f"{of}: một lần hỏi", name, scrape, 200, "p99 ≤ 50")


def _figure(what: str, name: str, act: Callable[[int], None], times: int, aim: str) -> Figure:
    spent = []
    for number in range(times):
        begun = time.perf_counter()
        act(number)
        spent.append((time.perf_counter() - begun) * 1000)
    p99 = sorted(spent)[min(len(spent) - 1, int(len(spent) * 0.99))]
    return Figure(what, name, statistics.median(spent), p99, aim)


if __name__ == "__main__":
    import sys

    for figure in figures(int(sys.argv[1]), int(sys.argv[2])):
        print(figure.line(), flush=True)
