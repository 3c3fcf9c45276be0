"""Write the paper into the archive (OCFL 1.1), and the registry after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.claims import Claim
from domain.identity import paper_object_id, scan_object_id
from domain.states import FINAL_PAPER_STATES, PaperState, ScanState
from storage.ocfl import Committed
from storage.ocfl_history import Fence
from storage.registry import audit, claims, papers, scans
from tasks.house import House, house
from tasks.logs import each_paper
from tasks.received import release
from tasks.records import SOFTWARE, fix_package
from tasks.retention import extend_locks, lock_end
from tasks.step import step
from tasks.work import Package, load_package


@step("archive")
def archive(claim: Claim, paper_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Commit each signed paper to the archive; the same ids.

    The scan is an archive object of its own, its papers refer to it. What is written is fixed
    beforehand (`Package`), so a run that was killed in between writes the same bytes again; the
    root inventory is written last, and that write is the commit.
    """
    here = house()
    for paper_id in each_paper(paper_ids):
        with here.registry.read() as db:
            row = papers.paper(db, paper_id)
            scan = scans.scan(db, claim.scan_id)
        if row["archive_version"] is not None:
            continue
        digest = row["package"] or fix_package(here, claim, row, scan)
        package = load_package(here.work(claim.scan_id), digest)
        since = datetime.fromisoformat(package.created)
        _archive_scan(here, claim, scan["split"], package, since)
        until = lock_end(here, [row["type_id"]], since)
        committed = _commit(
            here, claim, paper_object_id(paper_id), package.files, since, lock_until=until
        )
        with here.registry.begin() as db:
            claims.hold(db, claim)
            papers.move(
                db,
                paper_id,
                PaperState.SIGNED,
                at=here.now(),
                archive_version=committed.version,
                archive_digest=committed.inventory_sha512,
                archived_at=since,
            )
    return paper_ids


def _archive_scan(here: House, claim: Claim, split: int, package: Package, since: datetime) -> None:
    """Commit the scan; it is locked as long as the paper of it that is locked longest."""
    object_id = scan_object_id(claim.scan_id)
    with here.registry.read() as db:
        types = [paper["type_id"] for paper in papers.of_scan(db, claim.scan_id, split)]
    known = [type_id for type_id in types if type_id]
    until = lock_end(here, known, since)
    _commit(here, claim, object_id, package.scan_files, since, lock_until=until)
    if len(types) > 1:  # an earlier paper may have brought the scan in, with a shorter lock
        extend_locks(here, object_id, until)


def _commit(
    here: House,
    claim: Claim,
    object_id: str,
    files: Mapping[str, str],
    created: datetime,
    *,
    lock_until: datetime | None,
) -> Committed:
    with here.scratch() as folder:
        local = {path: folder / digest for path, digest in files.items()}
        for path, digest in files.items():
            here.work(claim.scan_id).fetch(digest, local[path])
        return here.archive.commit(
            object_id,
            local,
            created=created,
            message="Lưu trữ lần đầu",
            user_name=SOFTWARE,
            user_address="urn:sohoa",
            lock_until=lock_until,
            fence=fence_of(here, claim),
        )


def fence_of(here: House, claim: Claim) -> Fence:
    """Raises LeaseLost once another worker has claimed the scan: passed before a commit decides."""

    def fence() -> None:
        with here.registry.read() as db:
            claims.still_ours(db, claim)

    return fence


def _scan_state(paper_states: set[str]) -> ScanState:
    """Where a scan is by its papers: one that no person holds up is for the next run to finish."""
    unfinished = paper_states - FINAL_PAPER_STATES
    if unfinished - {PaperState.IN_REVIEW, PaperState.AWAITING_OFFICER}:
        return ScanState.RECEIVED
    return ScanState.REVIEW if unfinished else ScanState.DONE


@step("register")
def register(claim: Claim, paper_ids: tuple[str, ...]) -> ScanState:
    """Enter what was archived, finish the scan, and only then release the received bytes.

    From here on the paper counts. The scan is done when all its papers are in a final state,
    and in review while one waits for a person.
    """
    here = house()
    at = here.now()
    with here.registry.begin() as db:
        claims.hold(db, claim)
        for paper_id in each_paper(paper_ids):
            row = papers.paper(db, paper_id)
            if row["state"] == PaperState.ARCHIVED:
                continue
            # Since when it is archived, its record in the archive says, and the row says the same.
            since = row["archived_at"] or at
            papers.move(db, paper_id, PaperState.ARCHIVED, at=at, archived_at=since)
            audit.append(
                db,
                "archived",
                paper_id,
                actor=here.worker,
                at=at,
                version=row["archive_version"],
                sha512=row["archive_digest"],
            )
        scan = scans.scan(db, claim.scan_id)
        rows = papers.of_scan(db, claim.scan_id, scan["split"])
        state = _scan_state({row["state"] for row in rows})
        done = state is ScanState.DONE
        scans.record(db, claim, state=state, finished_at=at if done else None)
    if done:  # the archive has it: what was received and what was between may go
        here.work(claim.scan_id).clear()
        release(here, scan)  # last: while it is there, `receive` ends a cut-off release
    return state
