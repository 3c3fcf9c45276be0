"""The flow runs that show forms: started, found dead, and cleared of what was typed.

The registry's sheets are the truth; Prefect's runs are how an operator sees them.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled

from domain.review import DOUBT_LABELS, Purpose
from storage.registry import review
from tasks.house import House, house
from tasks.review_asked import Asked, ask
from tasks.step import step

DEPLOYMENT = "review/review"
_AT_WORK = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})
_LOST_AFTER = timedelta(minutes=30)
"""A run that shows or reads a form is at work for seconds; this long means its host is gone."""


@step("start_runs")
def start_runs(sheets: tuple[str, ...]) -> int:
    """See to it that every open sheet has a living run; how many were started.

    A run that ended or was lost before its sheet was decided is replaced, and what an operator
    had typed into it is removed. Repeating a start makes no second run (idempotency key).
    """
    here = house()
    started = 0
    with get_client(sync_client=True) as client:
        for sheet in sheets:
            started += _see_to(here, client, sheet)
    return started


def _see_to(here: House, client: SyncPrefectClient, sheet: str) -> bool:
    with here.registry.read() as db:
        row = review.sheet(db, sheet)
    run = _run(client, row["run_id"])
    if run is not None and _lives(here, run):
        return False
    if run is not None:
        _forget_all(run, row["attempt"])
    asked = ask(sheet)
    if not asked.papers:
        return False
    number = row["runs"] + 1
    deployment = client.read_deployment_by_name(DEPLOYMENT)
    made = client.create_flow_run_from_deployment(
        deployment.id,
        parameters={"sheet": sheet},
        name=_name(asked),
        idempotency_key=f"review:{sheet}:{number}",
    )
    with here.registry.begin() as db:
        review.set_sheet(db, sheet, run_id=str(made.id), runs=number)
    return True


def _run(client: SyncPrefectClient, run_id: str | None) -> FlowRun | None:
    if run_id is None:
        return None
    try:
        return client.read_flow_run(UUID(run_id))
    except ObjectNotFound:  # the server's own clean-up
        return None


def _lives(here: House, run: FlowRun) -> bool:
    state = run.state
    if state is None or state.is_final():
        return False
    return state.type not in _AT_WORK or state.timestamp > here.now() - _LOST_AFTER


def _name(asked: Asked) -> str:
    """What an operator reads in the list of runs: how many, what is doubted, whose."""
    if asked.purpose is Purpose.SAMPLE:
        what = "hậu kiểm"
    else:
        what = DOUBT_LABELS[asked.field] if asked.field else ", ".join(asked.papers[0].doubted)
    unit = f" – {asked.unit}" if asked.unit else ""
    return f"Duyệt {len(asked.papers)} giấy: {what}{unit} ({asked.sheet[:6]})"[:200]


@step("end_stale_runs")
def end_stale_runs() -> int:
    """Cancel the forms of sheets that were decided in another way; how many there were."""
    here = house()
    with here.registry.read() as db:
        stale = [sheet for sheet in review.open_sheets(db) if not sheet["left"]]
    with get_client(sync_client=True) as client:
        for sheet in stale:
            run = _run(client, sheet["run_id"])
            if run is None or run.state is None:
                continue
            if not _lives(here, run):
                _forget_all(run, sheet["attempt"])
            elif run.state.is_paused():
                state: State[None] = Cancelled(message="Phiếu đã được quyết định ở nơi khác.")
                client.set_flow_run_state(run.id, state, force=True)
    return len(stale)


def _forget_all(run: FlowRun, attempts: int) -> None:
    for attempt in range(1, attempts + 1):
        forget_answer(str(run.id), f"answer-{attempt}")


def forget_answer(run_id: str, key: str) -> None:
    """Remove what was typed into a form from Prefect's database; quiet where nothing is."""
    with get_client(sync_client=True) as client:
        try:
            client.delete_flow_run_input(UUID(run_id), f"suspended-{key}-response")
        except ObjectNotFound:
            return
