"""From a foreign upload to the archive commit, and where the time goes: `make bench-upload`.

One page at a time on an otherwise idle installation: Ceph RGW where it is installed (PUT by a
program that knows nothing of sohoa → notice → row → event → run → commit), else a folder store
(`sohoa upload` tells the server). `--cold` runs every flow in fresh interpreters, as Prefect's
process worker does by itself. Figures hang on what else the machine does: its load stands
beside them.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import select

from benchmarks.figures import machine, write_between
from deployments.samples.degradation import Degradation
from deployments.samples.files import as_jpeg
from deployments.samples.papers import draw_paper
from deployments.server import local_server
from deployments.work_pool import POOL
from domain.states import SCAN_STATE_NAMES, ScanState
from storage import S3Store
from storage.registry.schema import arrivals, papers, scans
from tasks.house import house
from tests.servers.postgres import free_port
from tests.servers.rgw import start_rgw

KIND = "giay-chung-nhan-ket-hon"
PAPER = Degradation(noise=1, shade=0.02, blur=0.2, colour="grey")
_LONGEST_SECONDS = 180.0
_DOCUMENT = Path(__file__).parents[1] / "docs" / "uploads.md"
T = TypeVar("T")
STAGES = ("tin báo", "sự kiện", "tạo lượt", "bắt đầu chạy", "nhận", "xử lý đến khi lưu trữ")


class Upload(NamedTuple):
    """One upload: seconds to the commit, to each stage, and of each step."""

    total: float
    stages: dict[str, float]
    steps: dict[str, float]


@contextmanager
def installation(home: Path, *, cold: bool) -> Iterator[tuple[dict[str, str], str | None]]:
    """An installation of its own: its environment and the intake bucket, None for a folder."""
    from deployments.listener.register import register

    os.environ.update(SOHOA_HOME=str(home), SOHOA_UNIT="H31", PREFECT_LOGGING_LEVEL="WARNING")
    os.environ["SOHOA_LISTEN__PUBLIC_URL"] = f"http://127.0.0.1:{free_port()}"
    with ExitStack() as running:
        (home / "rgw").mkdir(parents=True)
        rgw = running.enter_context(start_rgw(home / "rgw"))
        if rgw is not None:
            _use(rgw.endpoint, rgw.write_credentials(home / "credentials"))
            register(persistent=False)
        env = running.enter_context(local_server(home, free_port(together=2)))
        _prepare_server(env, cold=cold)
        yield env, os.environ.get("SOHOA_INTAKE__BUCKET")


def _use(endpoint: str, credentials: Path) -> None:
    for name in ("intake", "work", "archive", "quarantine"):
        store = S3Store(bucket=name, endpoint_url=endpoint, credentials_file=credentials)
        store.client().create_bucket(Bucket=name, ObjectLockEnabledForBucket=name == "archive")
        for field, value in store.model_dump(mode="json", exclude_none=True).items():
            if value != "":
                os.environ[f"SOHOA_{name.upper()}__{field.upper()}"] = str(value)


def _server(env: dict[str, str]) -> Any:
    from prefect.client.orchestration import SyncPrefectClient

    return SyncPrefectClient(env["PREFECT_API_URL"])


def _prepare_server(env: dict[str, str], *, cold: bool) -> None:
    """No schedule disturbs; `cold` gives the pool back what Prefect does by itself."""
    from prefect.client.schemas.actions import WorkPoolUpdate

    with _server(env) as client:
        for deployment in client.read_deployments(limit=200):
            for schedule in deployment.schedules:
                client.update_deployment_schedule(deployment.id, schedule.id, active=False)
        if cold:
            template = client.read_work_pool(POOL).base_job_template
            template["variables"]["properties"]["command"]["default"] = None
            client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))


def _put(bucket: str | None, lot: str, name: str, content: bytes, env: dict[str, str]) -> None:
    if bucket is not None:
        store = house().settings.store("intake")
        if isinstance(store, S3Store):
            store.client().put_object(Bucket=bucket, Key=f"{lot}/{name}", Body=content)
        return
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from tasks.announce import announce_upload
    from tasks.receive import receive

    house().intake.put(f"{lot}/{name}", content)
    with temporary_settings({PREFECT_API_URL: env["PREFECT_API_URL"]}):
        receive(lot)
        announce_upload(lot)


def one_upload(number: int, bucket: str | None, env: dict[str, str]) -> Upload | str:
    """Upload one page and wait for its end; of what is not archived by itself, where it waits."""
    lot = f"do-{number}"
    page = draw_paper(KIND, seed=1000 + number, dpi=200, degrade=PAPER).pages[0]
    started = datetime.now().astimezone()
    _put(bucket, lot, "trang.jpg", as_jpeg(page, 80), env)
    ended = _until(lambda: _ended(lot), f"lô {lot}", every=0.05)
    if ended["state"] != ScanState.DONE:
        return SCAN_STATE_NAMES[ended["state"]]
    total = (ended["archived_at"] - started).total_seconds()
    return Upload(total, *_stages(ended, started, total, env))


def _until(look: Callable[[], T | None], what: str, *, every: float) -> T:
    """What `look` finds; TimeoutError where it finds nothing in time."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} không xong sau {_LONGEST_SECONDS:.0f} giây")
        time.sleep(every)
    return found


def _ended(lot: str) -> dict[str, Any] | None:
    """The lot's only scan and its paper, when no run has anything left to do for them."""
    query = (
        select(scans.c.id, scans.c.lot_id, scans.c.state, papers.c.archived_at)
        .select_from(scans.outerjoin(papers, papers.c.scan_id == scans.c.id))
        .where(scans.c.lot_id == lot, scans.c.state != ScanState.RECEIVED)
    )
    with house().registry.read() as db:
        row = db.execute(query).mappings().first()
    return dict(row) if row else None


def _stages(
    ended: dict[str, Any], started: datetime, total: float, env: dict[str, str]
) -> tuple[dict[str, float], dict[str, float]]:
    """How long after the upload each stage was reached, as differences; and each step's time."""
    with house().registry.read() as db:
        query = select(arrivals).where(arrivals.c.lot_id == ended["lot_id"])
        noticed = db.execute(query).mappings().first()
    with _server(env) as client:
        look = partial(_run_of, client, ended["id"])
        run, tasks = _until(look, f"lượt chạy của lô {ended['lot_id']}", every=0.2)
    receive = next(task for task in tasks if task.name.startswith("receive"))
    moments = [
        noticed["noticed_at"] if noticed else started,
        noticed["announced_at"] if noticed else started,
        run.created,
        run.start_time,
        receive.end_time,
    ]
    seconds = [0.0, *((moment - started).total_seconds() for moment in moments), total]
    spans = [max(0.0, after - before) for before, after in pairwise(seconds)]
    steps = {task.name.rpartition("-")[0] or task.name: task.total_run_time for task in tasks}
    return dict(zip(STAGES, spans, strict=True)), {
        name: took.total_seconds() for name, took in steps.items()
    }


def _run_of(client: Any, scan_id: str) -> tuple[Any, list[Any]] | None:
    """The run that brought the scan to its end, and its steps, when the server knows them all.

    Not always the run of the scan's own event: a sweep under way may have taken it. Task runs
    are recorded from events, a moment later.
    """
    from prefect.client.schemas import filters
    from prefect.client.schemas.sorting import TaskRunSort

    last = filters.TaskRunFilterName(any_=[f"register-{scan_id[:8]}"])
    registered = client.read_task_runs(task_run_filter=filters.TaskRunFilter(name=last))
    if not registered:
        return None
    run = client.read_flow_run(registered[0].flow_run_id)
    of_run = filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=[run.id]))
    in_order = TaskRunSort.EXPECTED_START_TIME_ASC
    tasks = client.read_task_runs(flow_run_filter=of_run, sort=in_order)
    over = all(one.state.is_final() for one in (run, *tasks))
    return (run, tasks) if over and "count" in {task.name for task in tasks} else None


def percentile(values: list[float], percent: int) -> float:
    """The value that so many percent of the others do not exceed."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def table(done: list[Upload], others: Counter[str], *, cold: bool, where: str) -> str:
    """The figures as Markdown."""
    totals = [one.total for one in done]
    kind = "nguội" if cold else "nóng"
    stages = {stage: [one.stages[stage] for one in done] for stage in STAGES}
    steps = {f"– bước {step}": [one.steps.get(step, 0.0) for one in done] for step in done[0].steps}
    rows = [
        f"| {name} | {statistics.median(took):.2f} |" for name, took in {**stages, **steps}.items()
    ]
    extremes = f"nhanh nhất {min(totals):.1f} s, chậm nhất {max(totals):.1f} s"
    middle, late = percentile(totals, 50), percentile(totals, 95)
    left_out = "".join(f"; không tính {count} trang {state}" for state, count in others.items())
    return "\n".join(
        (
            f"{len(done)} trang, {where}, tiến trình {kind}; {machine()}{left_out}:\n",
            f"**p50 {middle:.1f} s, p95 {late:.1f} s** ({extremes}).\n",
            "| giai đoạn | giây (trung vị) |",
            "|---|---|",
            *rows,
        )
    )


def main() -> None:
    """Measure, print, and with `--write` put the figures into docs/uploads.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=50)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended
    done: list[Upload] = []
    others: Counter[str] = Counter()
    number = 0
    with (
        tempfile.TemporaryDirectory(prefix="sohoa-bench-", ignore_cleanup_errors=True) as folder,
        installation(Path(folder), cold=chosen.cold) as (env, bucket),
    ):
        while len(done) < chosen.uploads:
            made = one_upload(number, bucket, env)
            number += 1
            if isinstance(made, str):
                others[made] += 1
            elif number > 2:  # noqa: PLR2004 - the first ones make keys and connections
                done.append(made)
                print(f"{len(done)}: {made.total:.2f} s", flush=True)
        house().close()
    told = table(done, others, cold=chosen.cold, where="Ceph RGW" if bucket else "kho thư mục")
    print(told)
    if chosen.write:
        write_between(_DOCUMENT, "bench-upload-cold" if chosen.cold else "bench-upload", told)


if __name__ == "__main__":
    main()
