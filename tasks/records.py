"""The files of an archived paper and its scan: what they say, fixed before they are written."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from domain.claims import Claim
from domain.identity import scan_object_id
from domain.lot import UploadFacts
from domain.words import PageText
from storage.registry import audit, claims, papers, protections
from tasks.house import House
from tasks.recognise import words_of
from tasks.work import Opened, Package, load_opened, save

RECORD_SCHEMA = "sohoa.record/1"
EVENTS_SCHEMA = "sohoa.events/1"
SOFTWARE = "sohoa 0.1.0"
INDEXED = (
    "split",
    "position",
    "composed",
    "officer_signed",
    "officer_signed_at",
    "signed",
    "signed_at",
    "detached",
    "created_at",
)
"""What the registry knows of a paper and nothing else in its record says: for `sohoa rebuild`."""


def fix_package(here: House, claim: Claim, row: RowMapping, scan: RowMapping) -> str:
    """Decide, once, what will be archived of a paper; the digest of its `Package`."""
    at = here.now()
    work = here.work(claim.scan_id)
    opened = load_opened(work, scan["opened"])
    words = words_of(here, claim.scan_id)
    pages = [page for page in words.pages if page.page in row["pages"]]
    record = _record(here, opened, pages, row, scan, at)
    texts = [page.model_dump(mode="json") for page in pages]
    with here.registry.read() as db:
        history = [*audit.of(db, claim.scan_id), *audit.of(db, row["id"])]
    files = {
        "paper.pdf": row["signed"],
        "record.json": work.add(_json(record)),
        "text.json": work.add(_json({"schema": "sohoa.text/1", "pages": texts})),
        "events.json": work.add(_json(_events(history))),
    }
    if row["detached"]:
        files["paper.pdf.p7s"] = row["detached"]
    suffix = mimetypes.guess_extension(opened.scan.media_type) or ""
    package = Package(
        created=at.isoformat(timespec="seconds"),
        files=files,
        scan_files={
            f"original{suffix}": opened.original,
            "scan.json": work.add(_json(_scan_record(claim, opened, scan))),
        },
    )
    digest = save(work, package)
    with here.registry.begin() as db:
        claims.hold(db, claim)
        return str(papers.keep_first(db, row["id"], "package", digest, at=at))


def _record(
    here: House,
    opened: Opened,
    pages: Sequence[PageText],
    row: RowMapping,
    scan: RowMapping,
    at: datetime,
) -> dict[str, Any]:
    facts = UploadFacts.model_validate(scan["facts"])
    return {
        "schema": RECORD_SCHEMA,
        "id": row["id"],
        "code": row["code"],
        "code_template": here.codes.text,
        "result_code": row["result_code"],
        "type": row["description"]["type"],
        "fields": row["description"]["fields"],
        "details": row["description"].get("details", {}),
        "unit": row["unit"],
        "dossier": row["dossier"],
        "officer": facts.officer,
        "scanned_at": facts.scanned_at and facts.scanned_at.isoformat(),
        "compared_with_original": facts.compared,
        "pages": row["pages"],
        "page_problems": _problems(pages),
        "input": opened.scan.kind,
        "scan": scan_object_id(scan["id"]),
        "signatures": json.loads(here.work(scan["id"]).get(row["verification"])),
        "protection": _protection(here, row["id"]),
        "test_keys": here.keys.test,
        "archived_at": at.isoformat(timespec="seconds"),
        "index": {name: _plain(row[name]) for name in INDEXED},
        "software": SOFTWARE,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _problems(pages: Sequence[PageText]) -> list[dict[str, Any]]:
    """What is wrong with the pictures of the paper's pages (blur, dark, low resolution, cut)."""
    return [
        {"page": page.page, **problem.model_dump()} for page in pages for problem in page.problems
    ]


def _protection(here: House, paper_id: str) -> dict[str, Any] | None:
    """The level that the signatures reached, why not the wanted one, and how long they prove it.

    None where no signature of ours could be read.
    """
    with here.registry.read() as db:
        found = protections.of(db, paper_id)
    if found is None:
        return None
    return {
        "level": found["level"],
        "wanted": found["wanted"],
        "shortfall": found["shortfall"],
        "until": found["until"].isoformat(),
        "algorithms": found["algorithms"].split(),
    }


def _scan_record(claim: Claim, opened: Opened, scan: RowMapping) -> dict[str, Any]:
    return {
        "schema": "sohoa.scan/1",
        "sha256": claim.scan_id,
        "size_bytes": scan["size_bytes"],
        "media_type": opened.scan.media_type,
        "kind": opened.scan.kind,
        "pages": len(opened.scan.pages),
        "name": scan["name"],
        "lot": scan["lot_id"],
        "key": scan["key"],
        "facts": scan["facts"],
        "received_at": scan["received_at"].isoformat(),
    }


def _events(history: list[RowMapping]) -> dict[str, Any]:
    """The paper's history in PREMIS 3 terms: what was done, when, by whom, with which outcome."""
    return {
        "schema": EVENTS_SCHEMA,
        "events": [
            {
                "eventIdentifier": row["seq"],
                "eventType": row["action"],
                "eventDateTime": row["at"].isoformat(),
                "linkingAgent": row["actor"],
                "linkingObject": row["subject"],
                "eventOutcome": "success",
                "eventDetail": row["detail"],
            }
            for row in history
        ],
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
