"""What holds after anything at all: kills, lost servers, full disks, racing workers and clients.

One place that looks at the whole installation from outside: registry, intake, work store,
quarantine and archive, with an independent OCFL validator. Usable from any test that has a House,
on any store and database:

    assert violations(house(), brought={"a.pdf": digest}) == []
"""

import hashlib
import json
import logging
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import select

from domain.codes import parse_result_code
from domain.errors import DocumentFault
from domain.identity import paper_id, paper_object_id, scan_object_id
from domain.states import FINAL_PAPER_STATES, PaperState, ScanState
from storage.objects import get_if_there
from storage.ocfl import ArchiveRoot
from storage.registry import audit
from storage.registry.papers import RESULTS
from storage.registry.schema import certified_copies, counters, likenesses, papers, scans, uploads
from tasks.house import House
from tasks.objects import newest

_WAITING = {PaperState.IN_REVIEW, PaperState.AWAITING_OFFICER}
_SCAN = scan_object_id("")


def digest_of(content: bytes) -> str:
    """The id of a scan: the SHA-256 of its bytes."""
    return hashlib.sha256(content).hexdigest()


def violations(here: House, brought: Iterable[str] = (), *, finished: bool = True) -> list[str]:
    """Everything that is wrong, one sentence each; empty when nothing was lost or doubled.

    `brought`: ids of all scans that were ever handed in. `finished`: the line has come to rest,
    so no scan may still wait for a worker; without it the registry may lag behind the archive by
    what a kill cut off.
    """
    seen = _Seen(here)
    found = [
        *_scans(here, seen, brought, finished=finished),
        *_papers(seen),
        *_archive(here, seen, finished=finished),
        *_codes(seen),
        *_audit(here, seen),
    ]
    if finished:
        found += _leftovers(here, seen)
    return [*found, *ocfl_errors(here.archive)]


class _Seen:
    """Registry and archive read once."""

    def __init__(self, here: House) -> None:
        with here.registry.read() as db:
            rows = {
                table.name: db.execute(select(table)).mappings().all()
                for table in (scans, uploads, papers, certified_copies, counters, likenesses)
            }
            self.broken_audit = audit.broken_at(db)
            self.actions = Counter(
                (row.action, row.subject)
                for row in db.execute(select(audit.audit.c["action", "subject"]))
            )
        self.scans = {row["id"]: row for row in rows["scans"]}
        self.papers = {row["id"]: row for row in rows["papers"]}
        self.uploads, self.copies = rows["uploads"], rows["certified_copies"]
        self.counters = {row["prefix"]: row["last"] for row in rows["counters"]}
        self.likenesses = rows["likenesses"]
        self.intake = set(here.intake.keys())
        self.objects = Counter(here.archive.object_ids())
        self.records = {}
        for object_id in self.objects:
            name = "scan.json" if object_id.startswith(_SCAN) else "record.json"
            self.records[object_id] = json.loads(here.archive.read(object_id, name))


def _scans(here: House, seen: _Seen, brought: Iterable[str], *, finished: bool) -> Iterator[str]:
    for scan_id in brought:
        if scan_id not in seen.scans:
            yield f"scan {scan_id[:8]} was handed in and has no row"
    uploaded = {upload["scan_id"] for upload in seen.uploads}
    for scan_id, row in seen.scans.items():
        if scan_id not in uploaded:
            yield f"scan {scan_id[:8]} has no upload"
        if finished and row["state"] == ScanState.RECEIVED:
            yield f"scan {scan_id[:8]} still waits for a worker"
        if finished and row["claimed_by"]:
            yield f"scan {scan_id[:8]} is still claimed"
        yield from _where_it_is(here, seen, row)


def _where_it_is(here: House, seen: _Seen, row) -> Iterator[str]:
    """The bytes of a scan are in the place that belongs to its state."""
    name, state = row["id"][:8], row["state"]
    if state in {ScanState.RECEIVED, ScanState.REVIEW} and row["key"] not in seen.intake:
        yield f"scan {name} is {state} and its bytes left the intake store"
    if state == ScanState.SET_ASIDE:
        kept = get_if_there(here.quarantine, f"{row['id']}/original")
        if kept is None or digest_of(kept) != row["id"]:
            yield f"scan {name} is set aside and its bytes are not in the quarantine"
    if state == ScanState.DONE and all(p["scan_id"] != row["id"] for p in _rows(seen)):
        yield f"scan {name} is done without a paper"


def _papers(seen: _Seen) -> Iterator[str]:
    """No paper twice, none half way where its scan is done, none that its scan does not know."""
    for identifier, row in seen.papers.items():
        if identifier != paper_id(row["scan_id"], row["split"], row["position"]):
            yield f"paper {identifier} is not the paper of its place in the scan"
        scan = seen.scans[row["scan_id"]]
        if scan["state"] == ScanState.DONE and row["state"] not in FINAL_PAPER_STATES:
            yield f"paper {identifier} is {row['state']} while its scan is done"
        if scan["state"] == ScanState.REVIEW and row["state"] not in FINAL_PAPER_STATES | _WAITING:
            yield f"paper {identifier} is {row['state']} while its scan waits for a person"
    places = Counter((row["scan_id"], row["split"], row["position"]) for row in _rows(seen))
    alike = Counter(
        row["likeness"]
        for row in _rows(seen)
        if row["state"] == PaperState.ARCHIVED and row["likeness"]
    )
    doubled = [place for place, count in (places + alike).items() if count > 1]
    if doubled:
        yield f"{len(doubled)} papers are there twice"


def _archive(here: House, seen: _Seen, *, finished: bool) -> Iterator[str]:
    """The registry says of every archived object what the archive says of it, and the reverse."""
    told = {
        paper_object_id(row["id"]): (row["archive_version"], row["archive_digest"])
        for row in (*_rows(seen), *seen.copies)
        if row["archive_version"] is not None
    }
    for object_id, (version, digest) in told.items():
        if object_id not in seen.objects:
            yield f"{object_id} is archived in the registry and not in the archive"
            continue
        inventory, held, _ = newest(here.archive, object_id)
        if (inventory.version, held) != (version, digest):
            yield f"{object_id} is version {inventory.version}, the registry says {version}"
    for object_id, times in seen.objects.items():
        if times > 1:
            yield f"{object_id} is in the archive {times} times"
        if finished and not object_id.startswith(_SCAN) and object_id not in told:
            yield f"{object_id} is in the archive and not in the registry"
    for row in _rows(seen):
        if row["state"] == PaperState.ARCHIVED:
            yield from _same(seen, row)


def _same(seen: _Seen, row) -> Iterator[str]:
    record = seen.records.get(paper_object_id(row["id"]))
    if row["archive_version"] is None or record is None:
        yield f"paper {row['id']} is archived without a place in the archive"
        return
    if (record["id"], record["code"]) != (row["id"], row["code"]):
        yield f"paper {row['id']}: its record bears another id or code"
    if record["scan"] not in seen.objects:
        yield f"paper {row['id']}: its scan is not in the archive"
    elif seen.records[record["scan"]]["sha256"] != row["scan_id"]:
        yield f"paper {row['id']}: the archive gives it another scan"


def _codes(seen: _Seen) -> Iterator[str]:
    """No code twice, in the archive or the registry, and no counter that would give one again."""
    records = [r for r in seen.records.values() if r["schema"].startswith("sohoa.record/")]
    for name in ("code", "result_code"):
        for source in (records, list(_rows(seen))):
            given = Counter(one[name] for one in source if one[name])
            doubled = sum(count > 1 for count in given.values())
            if doubled:
                yield f"{doubled} times one {name} for two papers"
            yield from _behind(seen, given)


def _behind(seen: _Seen, given: Iterable[str]) -> Iterator[str]:
    for code in given:
        prefix, _, serial = code.rpartition(".")
        try:
            dossier, ordinal = parse_result_code(code)
        except DocumentFault:
            pass
        else:
            prefix, serial = RESULTS + dossier, str(ordinal)
        if serial.isdigit() and seen.counters.get(prefix, 0) < int(serial):
            yield f"a counter stands at {seen.counters.get(prefix, 0)}, {serial} is given"


def _audit(here: House, seen: _Seen) -> Iterator[str]:
    if seen.broken_audit is not None:
        yield f"the audit chain is broken at row {seen.broken_audit}"
    for (action, subject), count in seen.actions.items():
        if action in {"coded", "archived", "received:new"} and count > 1:
            yield f"the audit chain says {action} {count} times of {subject[:8]}"
    for row in _rows(seen):
        if row["state"] == PaperState.ARCHIVED and not seen.actions["archived", row["id"]]:
            yield f"paper {row['id']} is archived and the audit chain does not say so"


def _leftovers(here: House, seen: _Seen) -> Iterator[str]:
    """What is between the steps holds personal data: nothing of it outlives its scan."""
    living = {
        scan_id
        for scan_id, row in seen.scans.items()
        if row["state"] not in {ScanState.DONE, ScanState.SET_ASIDE}
        or any(p["scan_id"] == scan_id and p["state"] in _WAITING for p in _rows(seen))
    }
    work = here.settings.store("work").keys("scans/")
    for scan_id in sorted({key.split("/")[1] for key in work} - living):
        made = any(row["scan_id"] == scan_id for row in _rows(seen))
        if seen.scans[scan_id]["state"] == ScanState.DONE or not made:
            yield f"scan {scan_id[:8]} is finished and its pages are still in the work store"
    keys = {seen.scans[scan_id]["key"] for scan_id in living}
    for key in sorted(seen.intake - keys):
        if not key.endswith("/lot.json"):
            yield f"{key} is still in the intake store"
    scratch = here.settings.home / "scratch"
    if scratch.is_dir() and any(scratch.iterdir()):
        yield f"{len(list(scratch.iterdir()))} private folders of ended processes are left"


def _rows(seen: _Seen):
    return seen.papers.values()


def ocfl_errors(archive: ArchiveRoot) -> list[str]:
    """What ocfl-py (https://github.com/zimeon/ocfl-py) has against the archive, on any store."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the validator's own dependencies speak of their age
        import ocfl

    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for key in archive.objects.keys():  # noqa: SIM118 - a store is no dict
            (root / key).parent.mkdir(parents=True, exist_ok=True)
            (root / key).write_bytes(archive.objects.get(key))
        level = logging.getLogger().level
        judge = ocfl.StorageRoot(root=str(root))
        valid = judge.validate(log_warnings=True, log_errors=False)
        logging.getLogger().setLevel(level)
        if valid and judge.good_objects == judge.num_objects and judge.structure_error is None:
            return []
        return [f"ocfl-py: {judge.structure_error or judge.errors}"]
