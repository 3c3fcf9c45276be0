"""Speed of the archive: papers a second, requests a paper, and the registry made anew from it.

`make bench-archive`. Drawn scans go along the line, with recognition played back, until they wait
to be archived; then the line's own archive step takes them, by one thread and by four. Once on a
real Ceph RGW (versions and Object Lock as shipped), once on the directory store. What is counted
are the requests that botocore really sends. Then a directory store of some thousand papers is
filled by the same step, the registry is deleted, and `rebuild` is timed. `--docs` writes the
figures into docs/archive-speed.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from botocore.endpoint import Endpoint

from benchmarks.figures import counted, machine
from benchmarks.recorded import ENGINE, RECORD_VARIABLE, record, scan_of
from domain.claims import Claim
from tests.servers.rgw import start_rgw

DOCS = Path("docs/archive-speed.md")
THREADS = (1, 4)
AIM_REBUILD = 500
_PUTS = ("PutObject", "UploadPart", "CompleteMultipartUpload", "CreateMultipartUpload")


class Archived(NamedTuple):
    """What one kind of store took."""

    store: str
    threads: int
    papers: int
    seconds: float
    requests: Counter[str]

    def line(self) -> str:
        """The figures as a row of a table in Markdown."""
        asked = self.requests.total() / self.papers
        puts = sum(self.requests[name] for name in _PUTS) / self.papers
        told = (f"{puts:.1f}", f"{asked:.1f}") if self.requests else ("–", "–")
        return (
            f"| {self.store} | {self.threads} | {self.papers} | {self.papers / self.seconds:.1f} "
            f"| {self.seconds * 1000 / self.papers:.1f} | {' | '.join(told)} |"
        )


def main() -> int:
    """Measure, print, write the page; the exit code is 0 whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archive", description=__doc__)
    parser.add_argument("--papers", type=int, default=40, help="giấy tờ mỗi kho và số luồng")
    parser.add_argument("--rebuild", type=int, default=5000, help="giấy tờ để dựng lại sổ")
    parser.add_argument("--docs", type=Path, default=None, help=f"ghi vào tệp, như {DOCS}")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sohoa-archive-") as name:
        folder = Path(name)
        os.environ |= {"SOHOA_OCR_ENGINE": ENGINE, RECORD_VARIABLE: str(record(folder))}
        runs = [*_on_directory(folder, told.papers), *_on_rgw(folder, told.papers)]
        page = _page(runs, _rebuild(folder / "rebuild", told.rebuild))
    print(page)
    if told.docs:
        told.docs.write_text(page, encoding="utf-8")
    return 0


def _on_directory(folder: Path, papers: int) -> Iterator[Archived]:
    with _installed(folder / "directory"):
        yield from _archive(folder, "thư mục", papers)


def _on_rgw(folder: Path, papers: int) -> Iterator[Archived]:
    (folder / "rgw").mkdir()
    with start_rgw(folder / "rgw") as server:
        if server is None:
            print("Ceph RGW không có (gói Debian: xem .ci/run); không đo.", file=sys.stderr)
            return
        archive = {
            "KIND": "s3",
            "BUCKET": "kho",
            "ENDPOINT_URL": server.endpoint,
            "REGION": "default",
            "CREDENTIALS_FILE": str(server.write_credentials(folder / "s3.ini")),
            "LOCK": "COMPLIANCE",
        }
        with _installed(folder / "s3", **archive):
            yield from _archive(folder, "Ceph RGW", papers)


@contextmanager
def _installed(home: Path, **archive: str) -> Iterator[None]:
    """An installation of its own: SQLite, stores in folders, the archive as given."""
    from tasks.buckets import prepare_buckets
    from tasks.house import house

    settings = {f"SOHOA_ARCHIVE__{name}": value for name, value in archive.items()}
    os.environ |= {"SOHOA_HOME": str(home), **settings}
    house.cache_clear()
    if archive:
        list(prepare_buckets(house(), {}, Path()))
    house().prepare()
    try:
        yield
    finally:
        house().close()
        house.cache_clear()
        for name in settings:
            del os.environ[name]


def _archive(folder: Path, store: str, papers: int) -> Iterator[Archived]:
    """The archive step on papers that have come so far, for each number of threads."""
    from tasks.archive import archive, register

    for threads in THREADS:
        scans = folder / f"scans-{threads}"
        scans.mkdir(exist_ok=True)
        for number in range(papers):
            (scans / f"{number:03}.jpg").write_bytes(scan_of(1000 * threads + number))
        with ExitStack() as held, ThreadPoolExecutor(threads) as hands:
            signed = list(_signed(scans, held))
            with _requests() as counted:
                began = time.perf_counter()
                list(hands.map(lambda one: archive(*one), signed))
                seconds = time.perf_counter() - began
            for one in signed:
                register(*one)
        yield Archived(store, threads, len(signed), seconds, counted)


def _signed(scans: Path, held: ExitStack) -> Iterator[tuple[Claim, tuple[str, ...]]]:
    """Each scan with its paper, along the line up to the agency's signature, and still claimed."""
    from storage.registry.uploads import uploads_of
    from tasks.assign_codes import assign_codes
    from tasks.claims import claimed
    from tasks.compose import compose
    from tasks.describe import describe
    from tasks.house import house
    from tasks.open_pages import open_pages
    from tasks.recognise import recognise
    from tasks.sign import sign_as_agency, sign_as_officer
    from tasks.upload import Overrides, upload

    lot = upload([scans], Overrides()).lot
    with house().registry.read() as db:
        ids = [row["scan_id"] for row in uploads_of(db, None, lot)]
    for scan_id in ids:
        claim = held.enter_context(claimed(scan_id))
        opened = open_pages(claim)
        papers = recognise(claim, opened)
        compose(claim, opened, papers)
        accepted = describe(claim, opened, sign_as_officer(claim, opened, papers))
        assign_codes(claim, accepted)
        sign_as_agency(claim, accepted)
        if len(accepted) != 1:
            raise SystemExit(f"{scan_id[:8]}: {len(accepted)} papers to archive: nothing to time")
        yield claim, accepted


@contextmanager
def _requests() -> Iterator[Counter[str]]:
    """Counts what botocore sends inside the block; only the archive is on S3."""
    sent: Counter[str] = Counter()
    send: Callable[..., Any] = Endpoint.make_request

    def counting(self: Any, operation: Any, given: Any) -> Any:
        sent[operation.name] += 1
        return send(self, operation, given)

    Endpoint.make_request = counting  # type: ignore[method-assign,assignment]
    try:
        yield sent
    finally:
        Endpoint.make_request = send  # type: ignore[method-assign]


class _Rebuilding(NamedTuple):
    papers: int
    seconds: float
    cpu_seconds: float


def _rebuild(home: Path, papers: int) -> _Rebuilding:
    """Fill a directory store, delete the registry, and time its making anew."""
    from tests.flows.archived import archive_papers

    with _installed(home):
        from tasks.house import house
        from tasks.rebuild import rebuild

        archive_papers(house(), papers)  # type: ignore[no-untyped-call]
        house().close()
        for file in home.glob("registry.db*"):
            file.unlink()
        house.cache_clear()
        began, cpu = time.perf_counter(), time.process_time()
        made = rebuild(house())
        spent = time.perf_counter() - began, time.process_time() - cpu
        if made.papers != papers or made.failed:
            raise SystemExit(f"{made.papers} of {papers} papers came back")
    return _Rebuilding(papers, *spent)


def _page(runs: list[Archived], made: _Rebuilding) -> str:
    head = (
        f"`make bench-archive`, {machine()}. Giấy tờ vẽ sẵn đi hết dây chuyền đến chữ ký của cơ "
        "quan (nhận dạng phát lại, một trang 100 dpi); chỉ bước lưu trữ được bấm giờ: bản quét "
        "và giấy tờ là hai đối tượng OCFL; sổ SQLite."
    )
    if any(run.requests for run in runs):
        head += (
            " PUT và yêu cầu đếm ở botocore; Ceph RGW có phiên bản và khóa COMPLIANCE, một OSD "
            "trong bộ nhớ trên cùng máy."
        )
    rate = made.papers / made.seconds
    rebuilding = (
        f"`sohoa rebuild` từ kho thư mục có {counted(made.papers)} giấy tờ (mỗi giấy tờ hai đối "
        f"tượng), sổ SQLite: **{rate:.0f} giấy tờ/giây** (đích ≥ {AIM_REBUILD}), "
        f"{made.cpu_seconds * 1000 / made.papers:.2f} ms CPU mỗi giấy tờ."
    )
    return "\n".join(
        (
            "# Tốc độ của kho lưu trữ",
            "",
            head,
            "",
            "| kho | luồng | giấy tờ | giấy tờ/giây | ms/giấy tờ | PUT/giấy tờ | yêu cầu/giấy tờ |",
            "|---|---|---|---|---|---|---|",
            *(run.line() for run in runs),
            "",
            rebuilding,
            "",
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
