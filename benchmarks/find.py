"""The API under load and full-text search, at a million papers, on SQLite and PostgreSQL.

`make bench-find` fills a registry under a temporary folder, starts `sohoa api` in a process of its
own and asks it over loopback at a fixed rate, whether answers come or not: an answer's time runs
from the moment when the question was due, so that a stall counts for all that waited behind it.
Then it asks the search the same questions on both databases. The figures go into
docs/find-speed.md.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from benchmarks.find_set import PAPERS_PER_OWNER, SYLLABLES, WORDS_PER_PAGE, drawn, fill, owner
from storage.registry import search
from tests.servers.postgres import free_port, start_postgres

DOCS = Path("docs/find-speed.md")
AIM_API_P99_MS, AIM_SEARCH_P99_MS = 50.0, 200.0
_SOURCE = {"requester": "đo tốc độ", "purpose": "đo tốc độ"}
_CONNECTIONS = 8
_WARM_UP_SECONDS = 5.0
_GIB = 2**30


class Times(NamedTuple):
    """Milliseconds of many answers, ascending, and how many were refused or wrong."""

    ms: list[float]
    failed: int
    per_second: float
    cpu_ms: float
    """CPU time of the API for one answer: what does not depend on who else uses the machine."""

    def at(self, share: float) -> float:
        """The time within which `share` of the answers came."""
        return self.ms[min(len(self.ms) - 1, int(len(self.ms) * share))]


def main() -> int:
    """Measure, print, write the page; the exit code is 0 whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.find", description=__doc__)
    parser.add_argument("--papers", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=60.0, help="yêu cầu mỗi giây")
    parser.add_argument("--seconds", type=float, default=60.0, help="thời gian mỗi phép đo")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--docs", type=Path, default=None, help=f"ghi vào tệp, như {DOCS}")
    told = parser.parse_args()
    rows, answers = [], {}
    for database in told.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="sohoa-find-") as folder:
            made, answers[database] = _measure(database, Path(folder), told)
            rows += made
    same = len({json.dumps(found) for found in answers.values()}) == 1
    page = _page(told, rows, same=same if len(answers) > 1 else None)
    print(page)
    if told.docs:
        told.docs.write_text(page, encoding="utf-8")
    return 0


def _measure(
    database: str, folder: Path, told: argparse.Namespace
) -> tuple[list[str], list[list[int]]]:
    with _installed(database, folder):
        from tasks.clients import add_client
        from tasks.house import house

        house.cache_clear()
        here = house()
        here.prepare()
        began = time.monotonic()
        fill(here, told.papers)
        print(f"{database}: {time.monotonic() - began:.0f} s để ghi {told.papers}", file=sys.stderr)
        token = add_client("do-toc-do", per_minute=1_000_000, actor="benchmarks")
        with _api(folder) as api:
            _load(api, token, _requests(told.papers), told.rate, _WARM_UP_SECONDS)
            asked = _load(api, token, _requests(told.papers), told.rate, told.seconds)
            searched = _load(api, token, _searches(), told.rate / 6, told.seconds)
        with here.registry.read() as db:
            answers = [
                [row["place"] for row in search.find(db, query, limit=20)]
                for _, query in zip(range(300), _queries(), strict=False)
            ]
        here.close()
        house.cache_clear()
    return [
        _line(database, "tra cứu, cần gì, xem giấy tờ, ghi dùng lại", asked, AIM_API_P99_MS),
        _line(database, "tìm toàn văn", searched, AIM_SEARCH_P99_MS),
    ], answers


@contextmanager
def _installed(database: str, folder: Path) -> Iterator[None]:
    """An empty installation on this database; its settings stand in the environment."""
    os.environ["SOHOA_HOME"] = str(folder / "home")
    os.environ.pop("SOHOA_REGISTRY__URL", None)
    if database == "sqlite":
        yield
        return
    (folder / "postgres").mkdir()
    with start_postgres(folder / "postgres") as url:
        if url is None:
            raise SystemExit("PostgreSQL chưa cài (Debian: postgresql).")
        os.environ["SOHOA_REGISTRY__URL"] = url
        try:
            yield
        finally:
            os.environ.pop("SOHOA_REGISTRY__URL")


class Api(NamedTuple):
    """The process that answers."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """User and system time so far (Linux)."""
        fields = (
            Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _api(folder: Path) -> Iterator[Api]:
    port = free_port()
    command = [str(Path(sys.executable).with_name("sohoa")), "api", "--port", str(port)]
    with (folder / "api.log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            _until_up(port)
            yield Api(port, process.pid)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _until_up(port: int) -> None:
    for _ in range(600):
        with suppress(OSError):
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            link.request("GET", "/v1/health")
            if link.getresponse().status == http.HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise SystemExit("API không lên trong 60 giây.")


Request = tuple[str, str, dict[str, Any] | None]
"""Method, address, body."""


def _requests(count: int) -> Iterator[Request]:
    rng = random.Random(1)
    ids = [paper.id for paper in drawn(2_000)]
    owners = count // PAPERS_PER_OWNER
    serial = 0
    while True:
        who, lot = owner(rng.randrange(owners)), rng.random()
        serial += 1
        if lot < 0.7:  # noqa: PLR2004 - shares of the mix
            types = [] if lot < 0.35 else ["giay-khai-sinh"]  # noqa: PLR2004
            yield "POST", "/v1/lookup", {**_SOURCE, "owner": who, "types": types}
        elif lot < 0.85:  # noqa: PLR2004
            yield "POST", "/v1/need", {**_SOURCE, "procedure": _procedure(), "owner": who}
        elif lot < 0.95:  # noqa: PLR2004
            query = "requester=do%20toc%20do&purpose=do%20toc%20do"
            yield "GET", f"/v1/papers/{rng.choice(ids)}?{query}", None
        else:
            body = {"paper": rng.choice(ids), "dossier": f"D-{serial}", "component": "giay-to"}
            yield "POST", "/v1/reuses", {**_SOURCE, **body}


def _procedure() -> str:
    from tasks.house import house

    return house().catalogue.procedures[0].id


def _queries() -> Iterator[str]:
    """Words that are everywhere, in the middle and seldom; with and without diacritics; phrases."""
    from domain.vietnamese import fold

    rng = random.Random(2)
    while True:
        common, middle, seldom = SYLLABLES[:20], SYLLABLES[50:400], SYLLABLES[800:]
        for query in (
            rng.choice(common),
            f"{rng.choice(common)} {rng.choice(middle)}",
            f"{rng.choice(middle)} {rng.choice(middle)} {rng.choice(middle)}",
            rng.choice(seldom),
            f"giấy khai sinh {rng.choice(middle)}",
            f'"{rng.choice(common)} {rng.choice(common)}"',
            f"{rng.randrange(900_000)}",
        ):
            yield query if rng.random() < 0.5 else fold(query)  # noqa: PLR2004 - half of them


def _searches() -> Iterator[Request]:
    for query in _queries():
        yield "POST", "/v1/search", {**_SOURCE, "query": query}


def _load(api: Api, token: str, requests: Iterator[Request], rate: float, seconds: float) -> Times:
    """Ask at a fixed rate over several connections; times run from when each was due."""
    due: SimpleQueue[tuple[float, Request] | None] = SimpleQueue()
    done: SimpleQueue[tuple[float, bool]] = SimpleQueue()
    threads = [
        threading.Thread(target=_ask, args=(api.port, token, due.get, done.put))
        for _ in range(_CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    began, used = time.monotonic(), api.cpu_seconds()
    for number in range(int(rate * seconds)):
        moment = began + number / rate
        time.sleep(max(0.0, moment - time.monotonic()))
        due.put((moment, next(requests)))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    elapsed, used = time.monotonic() - began, api.cpu_seconds() - used
    found = []
    with suppress(Empty):
        while True:
            found.append(done.get_nowait())
    return Times(
        sorted(ms for ms, _ in found),
        sum(not ok for _, ok in found),
        len(found) / elapsed,
        used * 1000 / len(found),
    )


def _ask(
    port: int,
    token: str,
    take: Callable[[], tuple[float, Request] | None],
    tell: Callable[[tuple[float, bool]], None],
) -> None:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    while (item := take()) is not None:
        moment, (method, address, body) = item
        try:
            link.request(method, address, json.dumps(body) if body else None, headers)
            answer = link.getresponse()
            answer.read()
            ok = answer.status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            link.close()
            ok = False
        tell(((time.monotonic() - moment) * 1000, ok))
    link.close()


def _line(database: str, what: str, times: Times, aim: float) -> str:
    cells = (
        f"{times.per_second:.0f}",
        *(f"{times.at(share):.0f}" for share in (0.5, 0.95, 0.99)),
        f"{times.ms[-1]:.0f}",
        f"{times.cpu_ms:.1f}",
        str(times.failed),
        f"{aim:.0f}",
    )
    return f"| {database} | {what} | {' | '.join(cells)} |"


def _page(told: argparse.Namespace, rows: list[str], *, same: bool | None) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    answers = {
        None: "Một cơ sở dữ liệu, không so được câu trả lời.",
        True: "Hai cơ sở dữ liệu trả lời 300 câu hỏi giống hệt nhau.",
        False: "**Hai cơ sở dữ liệu trả lời khác nhau: phải xem lại.**",
    }[same]
    load = " / ".join(f"{value:.1f}" for value in os.getloadavg())
    papers = f"{told.papers:,}".replace(",", ".")
    head = (
        f"`make bench-find`, {datetime.now().astimezone():%d/%m/%Y}: {papers} giấy tờ đã lưu trữ, "
        f"mỗi giấy tờ một trang {WORDS_PER_PAGE} chữ, {PAPERS_PER_OWNER} giấy tờ mỗi chủ; "
        f"{os.cpu_count()} lõi, {memory:.0f} GiB, tải máy lúc xong {load}. `sohoa api` một tiến "
        "trình, máy hỏi ở cùng máy qua loopback; thời gian tính từ lúc câu hỏi đến hạn, mỗi lần "
        "khai thác ghi một dòng vào chuỗi nhật ký (fsync)."
    )
    columns = (
        "cơ sở dữ liệu",
        "hỏi gì",
        "mỗi giây",
        "trung vị ms",
        "p95",
        "p99",
        "lâu nhất",
        "ms CPU",
    )
    table = f"| {' | '.join((*columns, 'lỗi', 'đích p99'))} |"
    rule = "|" + "---|" * (len(columns) + 2)
    title = "# Tốc độ tra cứu và tìm kiếm"
    return "\n".join((title, "", head, "", table, rule, *rows, "", answers, ""))


if __name__ == "__main__":
    raise SystemExit(main())
