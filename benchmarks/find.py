"""The API under load and full-text search, at a million papers, on SQLite and PostgreSQL.

`make bench-find` fills a registry on each database, once (`--folder` keeps them: filling takes far
longer than measuring), and asks `sohoa api` over loopback. An answer's time runs from the moment
when the question was due, so that a stall counts for all that waited behind it. Then it asks the
search the same questions on both databases. The figures go into docs/find-speed.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import counted, machine
from benchmarks.find_load import Request, Times, api, load
from benchmarks.find_set import PAPERS_PER_OWNER, SYLLABLES, WORDS_PER_PAGE, drawn, fill, owner
from storage.registry import search
from tests.servers.postgres import start_postgres

if TYPE_CHECKING:
    from tasks.house import House

DOCS = Path("docs/find-speed.md")
AIM_API_P99_MS, AIM_SEARCH_P99_MS = 50.0, 200.0
_SOURCE = {"requester": "đo tốc độ", "purpose": "đo tốc độ"}
_WARM_UP_SECONDS = 5.0
_GIB = 2**30


def main() -> int:
    """Measure, print, write the page; the exit code is 0 whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.find", description=__doc__)
    parser.add_argument("--papers", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=60.0, help="yêu cầu mỗi giây")
    parser.add_argument("--seconds", type=float, default=60.0, help="thời gian mỗi phép đo")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--folder", type=Path, help="giữ sổ đăng ký đã ghi ở đây, lần sau dùng lại")
    parser.add_argument("--fill-only", action="store_true", help="chỉ ghi sổ, chưa đo")
    parser.add_argument("--docs", type=Path, default=None, help=f"ghi vào tệp, như {DOCS}")
    told = parser.parse_args()
    rows, answers = [], {}
    with tempfile.TemporaryDirectory(prefix="sohoa-find-") as passing:
        for database in told.database or ["sqlite", "postgresql"]:
            with _filled(database, (told.folder or Path(passing)) / database, told.papers) as here:
                if not told.fill_only:
                    made, answers[database] = _measure(database, here, told)
                    rows += made
    if told.fill_only:
        return 0
    same = len({json.dumps(found) for found in answers.values()}) == 1
    page = _page(told, rows, same=same if len(answers) > 1 else None)
    print(page)
    if told.docs:
        told.docs.write_text(page, encoding="utf-8")
    return 0


def _measure(
    database: str, here: House, told: argparse.Namespace
) -> tuple[list[str], list[list[int]]]:
    from tasks.clients import add_client

    now = f"{time.time():.0f}"
    token = add_client(f"do-toc-do-{now}", per_minute=1_000_000, actor="benchmarks")
    asking, searching = _requests(told.papers, now), _searches()
    with api(here.settings.home.parent / "api.log") as server:
        load(server, token, asking, told.rate, _WARM_UP_SECONDS)
        asked = load(server, token, asking, told.rate, told.seconds)
        load(server, token, searching, told.rate / 6, _WARM_UP_SECONDS)
        searched = load(server, token, searching, told.rate / 6, told.seconds)
    with here.registry.read() as db:
        answers = [
            [row["place"] for row in search.find(db, query, limit=20)]
            for _, query in zip(range(300), _queries(), strict=False)
        ]
    return [
        _line(database, "tra cứu, cần gì, xem giấy tờ, ghi dùng lại", asked, AIM_API_P99_MS),
        _line(database, "tìm toàn văn", searched, AIM_SEARCH_P99_MS),
    ], answers


@contextmanager
def _filled(database: str, folder: Path, papers: int) -> Iterator[House]:
    """The installation with so many papers: the one in the folder, else written now."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "filled"
    if mark.exists() and mark.read_text() != str(papers):
        raise SystemExit(f"{folder}: đã ghi {mark.read_text()} giấy tờ; dùng thư mục khác.")
    with _installed(database, folder):
        from tasks.house import house

        house.cache_clear()
        here = house()
        here.prepare()
        if not mark.exists():
            began = time.monotonic()
            fill(here, papers)
            mark.write_text(str(papers))
            print(f"{database}: {time.monotonic() - began:.0f} s để ghi {papers}", file=sys.stderr)
        yield here
        here.close()
        house.cache_clear()


@contextmanager
def _installed(database: str, folder: Path) -> Iterator[None]:
    """An installation on this database; its settings stand in the environment."""
    os.environ["SOHOA_HOME"] = str(folder / "home")
    os.environ.pop("SOHOA_REGISTRY__URL", None)
    if database == "sqlite":
        yield
        return
    (folder / "postgres").mkdir(exist_ok=True)
    with start_postgres(folder / "postgres", kept=True) as url:
        if url is None:
            raise SystemExit("PostgreSQL chưa cài (Debian: postgresql).")
        os.environ["SOHOA_REGISTRY__URL"] = url
        try:
            yield
        finally:
            os.environ.pop("SOHOA_REGISTRY__URL")


def _requests(count: int, run: str) -> Iterator[Request]:
    """The mix of an office: what a person has, what is needed, a paper, a reuse (a new one)."""
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
            body = {
                "paper": rng.choice(ids),
                "dossier": f"D-{run}-{serial}",
                "component": "giay-to",
            }
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
    answers = {
        None: "Một cơ sở dữ liệu, không so được câu trả lời.",
        True: "Hai cơ sở dữ liệu trả lời 300 câu hỏi giống hệt nhau.",
        False: "**Hai cơ sở dữ liệu trả lời khác nhau: phải xem lại.**",
    }[same]
    papers = counted(told.papers)
    head = (
        f"`make bench-find`, {machine()}. {papers} giấy tờ đã lưu trữ, mỗi giấy tờ một trang "
        f"{WORDS_PER_PAGE} chữ, {PAPERS_PER_OWNER} giấy tờ mỗi chủ. `sohoa api` một tiến trình, "
        "máy hỏi ở cùng máy qua loopback; "
        "PostgreSQL để cấu hình mặc định; thời gian tính từ lúc câu hỏi đến hạn, mỗi lần "
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
