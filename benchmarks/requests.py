"""What one small paper costs the servers behind the line: `make bench-requests`.

Scans go along the line against a real Ceph RGW and PostgreSQL, in this process, with recognition
played back. Every request to S3 and every statement to the registry is counted, and what is left
in the archive is weighed. The result is printed as Markdown tables, per paper.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.endpoint import Endpoint
from sqlalchemy import Engine, event

from benchmarks.recorded import ENGINE, RECORD_VARIABLE, record, scan_of
from tests.servers.postgres import fresh_database, start_postgres
from tests.servers.rgw import Rgw, start_rgw

PAPERS = 20
_OBJECTS = "(số đối tượng)"
_STORES = {"intake": "vao", "work": "giua", "archive": "kho", "quarantine": "rieng"}


def _counted() -> tuple[Counter[str], Counter[str]]:
    """Counters that grow from now on: S3 operations, and what the registry is asked."""
    requests: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    send = Endpoint.make_request

    def counting(self: Any, operation: Any, given: Any) -> Any:
        requests[operation.name] += 1
        return send(self, operation, given)

    Endpoint.make_request = counting  # type: ignore[method-assign,assignment]
    event.listen(Engine, "before_cursor_execute", lambda *_: statements.update(["câu lệnh"]))
    event.listen(Engine, "commit", lambda *_: statements.update(["commit"]))
    return requests, statements


def _configure(folder: Path, database: str, s3: Rgw) -> None:
    """Point this process's installation at the servers, with the archive locked as shipped."""
    credentials = str(s3.write_credentials(folder / "s3.ini"))
    for store, bucket in _STORES.items():
        given = {
            "KIND": "s3",
            "BUCKET": bucket,
            "ENDPOINT_URL": s3.endpoint,
            "REGION": "default",
            "CREDENTIALS_FILE": credentials,
        }
        if store == "archive":
            given["LOCK"] = "COMPLIANCE"
        for name, value in given.items():
            os.environ[f"SOHOA_{store.upper()}__{name}"] = value
    os.environ |= {
        "SOHOA_HOME": str(folder / "home"),
        "SOHOA_REGISTRY__URL": fresh_database(database),
        "SOHOA_OCR_ENGINE": ENGINE,
        RECORD_VARIABLE: str(record(folder)),
    }


def _weigh(sizes: Counter[str]) -> None:
    """Objects and bytes in the archive, by kind of file."""
    from tasks.house import house

    store = house().settings.store("archive")
    for key in store.keys():  # noqa: SIM118 - a store is no dict
        found = store.info(key)
        if found is not None:
            sizes[key.rpartition("/")[2]] += found.size_bytes
            sizes[_OBJECTS] += 1


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="sohoa-requests-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user
        for part in ("postgres", "rgw", "scans"):
            (folder / part).mkdir()
        with start_postgres(folder / "postgres") as database, start_rgw(folder / "rgw") as s3:
            if database is None or s3 is None:
                print("Cần PostgreSQL và Ceph RGW (gói Debian: xem .ci/run).", file=sys.stderr)
                return 6
            _configure(folder, database, s3)
            for number in range(PAPERS):
                (folder / f"scans/{number:03}.jpg").write_bytes(scan_of(number))
            _measure(folder / "scans")
    return 0


def _measure(scans: Path) -> None:
    from benchmarks.one_run import run_line
    from tasks.buckets import prepare_buckets
    from tasks.house import house

    list(prepare_buckets(house(), {}, Path()))
    requests, statements = _counted()
    run = run_line(scans)
    asked = dict(requests)
    sizes: Counter[str] = Counter()
    _weigh(sizes)
    print(f"{sizes.pop(_OBJECTS) / PAPERS:.1f} đối tượng trong kho lưu trữ mỗi giấy tờ")
    if run.archived != PAPERS:
        raise SystemExit(f"{run.archived} of {PAPERS} archived: nothing to count by")
    _table("yêu cầu S3", asked, 1)
    _table("sổ đăng ký", statements, 1)
    _table("kho lưu trữ, byte", sizes, 0)
    for title, kind in (("bước, CPU giây", "steps"), ("tiến trình con, CPU giây", "functions")):
        _table(title, {key: one["cpu_seconds"] for key, one in run.times[kind].items()}, 3)


def _table(title: str, values: Mapping[str, float], digits: int) -> None:
    print(f"\n| {title} | mỗi giấy tờ |\n|---|--:|")
    for name, value in sorted(values.items(), key=lambda entry: -entry[1]):
        print(f"| {name} | {value / PAPERS:.{digits}f} |")
    print(f"| **tổng** | **{sum(values.values()) / PAPERS:.{digits}f}** |")


if __name__ == "__main__":
    sys.exit(main())
