"""Thousands of scans through the whole line, to see what grows: `make soak SCANS=10000`.

Everything is real and set up from the files that we ship: scans are put into Ceph RGW, which
tells the listener, which starts runs on a Prefect server with PostgreSQL and Redis, whose
worker signs and archives on RGW. Only recognition is played back (`benchmarks.recorded`).
Printed for every so many papers: time, memory of each part, size of both databases.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import psutil  # type: ignore[import-untyped]
import psycopg
from botocore.config import Config

from benchmarks.recorded import ENGINE, RECORD_VARIABLE, record, scan_of
from tests.servers.hosts import LOOPBACK
from tests.servers.installation import Installation, installation

_LOT, _MANIFEST = 100, '{"lot": "%s", "unit": "H31"}'
_LOOK_SECONDS = 2.0
_STILL_SECONDS = 900
"""Without a further paper for so long the soak is over: something is stuck."""
_MIB = 1 << 20
_ENDED = (
    "SELECT name || ', ' || coalesce(state_type::text, '') || ': ' || coalesce(state_name, ''), "
    "count(*) FROM (SELECT f.name, r.state_type, r.state_name FROM flow_run r "
    "JOIN flow f ON f.id = r.flow_id WHERE r.end_time IS NOT NULL) ended GROUP BY 1 ORDER BY 1"
)
_UNITS = ("server", "services", "listen", "worker")
_SHOWN = (
    "papers minutes per_hour server services listen worker run rgw osd postgres redis prefect_db "
    "registry_db"
).split()


@dataclass
class Soak:
    """An installation under load, and how far it is."""

    one: Installation
    scans: int
    waiting: int
    began: float = field(default_factory=time.monotonic)
    put: int = 0
    archived: int = 0
    run_mib: float = 0.0
    """The largest flow run seen since the last row, with its children."""
    parts: dict[str, psutil.Process] = field(default_factory=dict)

    def feed(self) -> None:
        """Put lot after lot, as scanners do; never more than so many ahead of the archive."""
        s3 = self._s3()
        for first in range(0, self.scans, _LOT):
            while self.put - self.archived > self.waiting - _LOT:
                time.sleep(1)
            lot = f"lo-{first // _LOT + 1:05}"
            for number in range(first, min(first + _LOT, self.scans)):
                key = f"{lot}/scan-{number:06}.jpg"
                s3.put_object(Bucket="tiep-nhan", Key=key, Body=scan_of(number))
                self.put += 1
            manifest = (_MANIFEST % lot).encode()
            s3.put_object(Bucket="tiep-nhan", Key=f"{lot}/lot.json", Body=manifest)

    def _s3(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.one.s3.endpoint,
            region_name="default",
            aws_access_key_id=self.one.s3.access_key,
            aws_secret_access_key=self.one.s3.secret_key,
            config=Config(s3={"addressing_style": "path"}),
        )

    def ask(self, database: str, query: str) -> list[tuple[Any, ...]]:
        """Rows of one of the two databases."""
        url = self.one.database.replace("+psycopg", "").rpartition("/")[0]
        with psycopg.connect(f"{url}/{database}", password=self.one.password) as db:
            answer = db.execute(query)
            return answer.fetchall() if answer.description else []

    def look(self) -> None:
        """Count what is archived, and see how large the runs under way are."""
        query = "SELECT count(*) FROM papers WHERE state = 'archived'"
        self.archived = self.ask("sohoa", query)[0][0]
        for run in _children(self.parts["worker"], recursive=False):
            self.run_mib = max(self.run_mib, _tree_mib(run))

    def row(self) -> dict[str, float]:
        """One row of the table; memory in MiB resident, databases in MiB."""
        minutes = (time.monotonic() - self.began) / 60
        sizes = {
            f"{name}_db": self.ask(database, "SELECT pg_database_size(current_database())")[0][0]
            for name, database in (("prefect", "prefect"), ("registry", "sohoa"))
        }
        found = {name: _tree_mib(process) for name, process in self.parts.items()}
        found["worker"] = _mib(self.parts["worker"])
        run, self.run_mib = self.run_mib, 0.0
        return {
            "papers": self.archived,
            "minutes": round(minutes, 1),
            "per_hour": round(self.archived / minutes * 60),
            **{name: round(mib) for name, mib in found.items()},
            "run": round(run),
            **{name: round(size / _MIB, 1) for name, size in sizes.items()},
        }


def _cpu_seconds(process: psutil.Process) -> float:
    """CPU time of a part so far, with the processes that it has started and that have ended."""
    spent = sum(map(_own_cpu, [process, *_children(process, recursive=True)]))
    times = process.cpu_times()
    return float(spent + times.children_user + times.children_system)


def _own_cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _children(process: psutil.Process, *, recursive: bool) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children(recursive=recursive)
    except psutil.NoSuchProcess:
        return []
    return found


def _mib(process: psutil.Process) -> float:
    """Resident memory without what is shared with others."""
    try:
        info = process.memory_info()
    except psutil.NoSuchProcess:
        return 0.0
    return float(info.rss - info.shared) / _MIB


def _tree_mib(process: psutil.Process) -> float:
    return sum(map(_mib, [process, *_children(process, recursive=True)]))


@contextmanager
def _under_way(folder: Path, scans: int, waiting: int) -> Iterator[Soak]:
    """The installation with its listener and worker running, and an empty archive."""
    played = {"SOHOA_OCR_ENGINE": ENGINE, RECORD_VARIABLE: str(record(folder))}
    with installation(folder, LOOPBACK, LOOPBACK, LOOPBACK) as one:
        if one is None:
            sys.exit("Cần PostgreSQL, Redis và Ceph RGW (gói Debian: xem .ci/run).")
        node = one.node(LOOPBACK)
        one.prepare(node)
        one.start("server", node)
        one.wait_for_server(node)
        one.start("services", node)
        one.deploy(node)
        one.start("listen", node)
        one.start("worker", node, **played)
        node.run("deployments.cli", "listen", "--register")
        soak = Soak(one, scans, waiting)
        soak.parts = {name: psutil.Process(one.units[name, LOOPBACK.name].pid) for name in _UNITS}
        soak.parts["redis"] = psutil.Process(one.redis.pid)
        names = {"radosgw": "rgw", "ceph-osd": "osd"}
        for process in psutil.Process().children():
            if process.name() in names:
                soak.parts[names[process.name()]] = process
        pid = int((folder / "postgres/data/postmaster.pid").read_text().split()[0])
        soak.parts["postgres"] = psutil.Process(pid)
        yield soak


def _say(row: dict[str, float]) -> None:
    print("| " + " | ".join(str(row[name]) for name in _SHOWN) + " |", flush=True)


def _watch(soak: Soak, every: int, until: float) -> None:
    """Print a row for every so many papers, until all are archived or nothing moves any more."""
    shown, moved, last = 0, time.monotonic(), 0
    while soak.archived < soak.scans:
        time.sleep(_LOOK_SECONDS)
        soak.look()
        now = time.monotonic()
        if soak.archived > last:
            last, moved = soak.archived, now
        if soak.archived >= shown + every:
            shown = soak.archived - soak.archived % every
            _say(soak.row())
        if now > until or now - moved > _STILL_SECONDS:
            break
    _say(soak.row())


def _growth(soak: Soak) -> dict[str, Any]:
    """Rows and bytes of each table per archived paper, largest first; those of weight only."""
    query = (
        "SELECT relname, n_live_tup, pg_total_relation_size(relid) FROM pg_stat_user_tables "
        "ORDER BY 3 DESC"
    )
    found = {}
    for database in ("prefect", "sohoa"):
        soak.ask(database, "ANALYZE")
        found[database] = {
            name: {"rows": round(rows / soak.archived, 2), "bytes": round(size / soak.archived)}
            for name, rows, size in soak.ask(database, query)
            if size > soak.archived * 20
        }
    return found


def main() -> int:
    """Run the soak; 1 when a row was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--scans", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=1000, help="papers between two rows")
    parser.add_argument("--waiting", type=int, default=400, help="scans ahead of the archive")
    parser.add_argument("--minutes", type=float, default=600, help="stop after so long")
    asked = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # what was started ends with us, nohup or not
        signal.signal(number, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="sohoa-soak-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user
        with _under_way(folder, asked.scans, asked.waiting) as soak:
            print(f"{os.cpu_count()} lõi; {datetime.now().astimezone():%Y-%m-%d %H:%M}")
            print("| " + " | ".join(_SHOWN) + " |\n|" + "--:|" * len(_SHOWN), flush=True)
            threading.Thread(target=soak.feed, name="scanner", daemon=True).start()
            _watch(soak, asked.every, time.monotonic() + asked.minutes * 60)
            cpu = {name: _cpu_seconds(part) / soak.archived for name, part in soak.parts.items()}
            print("CPU, giây mỗi giấy tờ:", {name: round(spent, 3) for name, spent in cpu.items()})
            print("Bảng, mỗi giấy tờ:", json.dumps(_growth(soak), indent=1))
            node = soak.one.nodes[LOOPBACK.name]
            found = json.loads(node.run("tests.servers.ledger", seconds=1800))
            print("Sổ đăng ký so với kho:", json.dumps({"put": soak.put, **found}, indent=1))
            ended = dict(soak.ask("prefect", _ENDED))
            print("Lượt chạy:", json.dumps(ended, ensure_ascii=False, indent=1))
    whole = not (found["missing"] or found["codes_twice"] or found["without_code"])
    whole = whole and not any("FAILED" in state or "CRASHED" in state for state in ended)
    return 0 if whole and found["uploads"] >= soak.archived else 1


if __name__ == "__main__":
    sys.exit(main())
