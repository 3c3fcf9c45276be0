"""Certify a copy of an archived paper (chứng thực bản sao điện tử, sao y): sign, verify, archive.

The copy is a paper of its own: the source's file with the certifier's signature as one more
incremental update, its own archive object, a row that names the source. It does not count
against the plan: it is no further digitized paper.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.errors import ConfigurationFault, DocumentFault, IntegrityFault, Undecided
from domain.identity import copy_id, paper_object_id
from domain.states import PAPER_STATE_NAMES, PaperState
from signing.appearance import CHUNG_THUC
from signing.fields import CERTIFIER_FIELD
from signing.levels import reaches
from signing.outlook import outlook
from signing.pdf import SignatureInfo, sign_pdf
from signing.verdicts import Verification
from signing.verify import verify_pdf
from storage.registry import audit, copies, protections
from tasks.house import House, house
from tasks.levels import wanted_for
from tasks.objects import fetch_paper
from tasks.retention import lock_end
from tasks.shelf import paper_row
from tasks.step import step

_VERIFY_SECONDS = 60.0
_LONGEST_NUMBER = 60
_SCHEMA = "sohoa.certified-copy/1"
_SOFTWARE = "sohoa"


class CertifiedCopy(BaseModel):
    """A certified copy; nothing in it is personal data of the paper's owner."""

    model_config = ConfigDict(frozen=True)

    id: str
    source: str
    number: str
    archived_at: datetime | None = None


@step("request_copy")
def request_copy(paper_id: str, register_number: str, certifier: str) -> CertifiedCopy:
    """Enter the copy into the registry, once; the same call again finds it.

    Undecided when the source is not archived, ConfigurationFault for an unusable number,
    AlreadyExists when the number stands for another paper.
    """
    here = house()
    here.registry.migrate()
    source = paper_row(paper_id)
    if source["state"] != PaperState.ARCHIVED:
        state = PAPER_STATE_NAMES[PaperState(source["state"])]
        raise Undecided(f"Chỉ chứng thực giấy tờ đã lưu trữ; giấy tờ này {state}.")
    if source["detached"]:
        raise Undecided(
            "Tệp này không cho phép thêm chữ ký (chữ ký của cơ quan đứng rời), nên không chứng "
            "thực trong tệp được: quét bản giấy rồi chứng thực bản đó."
        )
    number = here.settings.certification.number.format(number=register_number.strip())
    if not register_number.strip() or len(number) > _LONGEST_NUMBER:
        raise ConfigurationFault("Số chứng thực trống hoặc dài quá 60 ký tự.")
    at = here.now()
    with here.registry.begin() as db:
        known = copies.find(db, copy_id(source["id"], number))
        row = known or copies.enter(
            db,
            copy_id(source["id"], number),
            source_id=source["id"],
            number=number,
            certifier=certifier,
            words=here.settings.certification.words,
            at=at,
        )
        if known is None:
            audit.append(
                db, "copy_requested", row["id"], actor=certifier, at=at, source=source["id"]
            )
    return _shown(row)


@step("sign_copy")
def sign_copy(copy: CertifiedCopy) -> CertifiedCopy:
    """The certifier's signature on the source's file, verified at once; the same copy.

    IntegrityFault when the archived file or the fresh signature does not verify.
    """
    here = house()
    row = _row(here, copy)
    if row["signed"]:
        return copy
    at = here.now()
    work = here.work(copy.id)
    with here.scratch() as folder:
        source, target = folder / "in.pdf", folder / "out.pdf"
        fetch_paper(here, paper_row(copy.source), "paper.pdf", source)
        info = _sign(here, row, source, target, at)
        report = judged_copy(here, target)
        proven = here.pool.run(outlook, target, timeout_seconds=_VERIFY_SECONDS)
        if proven is None:
            raise IntegrityFault("Chữ ký chứng thực vừa tạo không đọc lại được; báo quản trị viên.")
        wanted = wanted_for(here, paper_row(copy.source)["type_id"])
        protection = {
            "level": info.level,
            "wanted": wanted,
            "shortfall": info.shortfall or None,
            "until": proven.until,
            "algorithms": proven.algorithms,
        }
        package = {
            "paper.pdf": work.add(target),
            "record.json": work.add(_json(_record(here, row, protection, report, at))),
        }
    with here.registry.begin() as db:
        values = {"signed": package["paper.pdf"], "package": package}
        kept = copies.keep_first(db, copy.id, values, unless="signed")
        if kept["signed"] == package["paper.pdf"]:
            protections.enter(
                db,
                copy.id,
                copy=True,
                sha256=kept["signed"],
                behind=not reaches(info.level, wanted),
                updated_at=at,
                **protection,
            )
        audit.append(
            db, "copy_signed", copy.id, actor=row["certifier"], at=at, sha256=kept["signed"]
        )
    return copy


@step("archive_copy")
def archive_copy(copy: CertifiedCopy) -> CertifiedCopy:
    """Commit the copy to the archive as an object of its own; the copy with its time."""
    here = house()
    row = _row(here, copy)
    if row["archived_at"] is not None:
        return _shown(row)
    work = here.work(copy.id)
    with here.scratch() as folder:
        local = {}
        for path, digest in row["package"].items():
            local[path] = folder / digest
            work.fetch(digest, local[path])
        committed = here.archive.commit(
            paper_object_id(copy.id),
            local,
            created=row["requested_at"].astimezone(here.now().tzinfo),
            message="Lưu trữ bản sao chứng thực",
            user_name=_SOFTWARE,
            user_address="urn:sohoa",
            lock_until=_lock_end(here, row),
        )
    at = here.now()
    with here.registry.begin() as db:
        row = copies.keep_first(
            db,
            copy.id,
            {
                "archived_at": at,
                "archive_version": committed.version,
                "archive_digest": committed.inventory_sha512,
            },
            unless="archived_at",
        )
        audit.append(
            db,
            "copy_archived",
            copy.id,
            actor=here.worker,
            at=at,
            version=committed.version,
            sha512=committed.inventory_sha512,
        )
    work.clear()
    return _shown(row)


def _lock_end(here: House, row: RowMapping) -> datetime | None:
    """A copy is locked as long as a paper of its source's type that is archived today."""
    source = paper_row(row["source_id"])
    return lock_end(here, [source["type_id"]], row["requested_at"])


def _sign(here: House, row: RowMapping, source: Path, target: Path, at: datetime) -> SignatureInfo:
    try:
        return sign_pdf(
            source,
            target,
            signer=here.certifier,
            field=CERTIFIER_FIELD,
            profile=CHUNG_THUC,
            values={
                "form": row["words"],
                "number": row["number"],
                "agency": here.settings.agency_name,
                "person": row["certifier"],
                "time": at.isoformat(timespec="seconds"),
            },
            signed_at=at,
            reason=row["words"],
            level=wanted_for(here, paper_row(row["source_id"])["type_id"]),
            services=here.trust_services,
        )
    except DocumentFault as fault:
        raise Undecided(f"Không chứng thực được trong tệp này: {fault}") from fault


def judged_copy(here: House, target: Path) -> Verification:
    """The verification of a copy's file; IntegrityFault unless the certifier's signature holds."""
    judge = partial(verify_pdf, trust_roots=here.trust_roots)
    found = here.pool.run(judge, target, timeout_seconds=_VERIFY_SECONDS)
    ours = [one for one in found.signatures if one.field.startswith(CERTIFIER_FIELD)]
    if found.integrity == "broken" or not ours or ours[-1].integrity != "intact":
        reasons = "; ".join(reason for one in found.signatures for reason in one.reasons)
        raise IntegrityFault(
            "Bản sao vừa chứng thực không xác minh được nên chưa lưu trữ: báo quản trị viên kiểm "
            f"tra khóa chứng thực và tệp gốc ({reasons})."
        )
    return found


def _record(
    here: House,
    row: RowMapping,
    protection: dict[str, Any],
    report: Verification,
    at: datetime,
) -> dict[str, Any]:
    return {
        "schema": _SCHEMA,
        "id": row["id"],
        "source": paper_object_id(row["source_id"]),
        "words": row["words"],
        "register_number": row["number"],
        "certifier": row["certifier"],
        "original_presented": True,
        "certified_at": at.isoformat(timespec="seconds"),
        "protection": {
            **protection,
            "until": protection["until"].isoformat(),
            "algorithms": list(protection["algorithms"]),
        },
        "signatures": report.model_dump(mode="json"),
        "test_keys": here.keys.test,
        "software": _SOFTWARE,
    }


def _row(here: House, copy: CertifiedCopy) -> RowMapping:
    with here.registry.read() as db:
        row = copies.find(db, copy.id)
    if row is None:
        raise Undecided("Chưa có yêu cầu chứng thực này; chạy lại sohoa certify.")
    return row


def _shown(row: RowMapping) -> CertifiedCopy:
    return CertifiedCopy(
        id=row["id"],
        source=row["source_id"],
        number=row["number"],
        archived_at=row["archived_at"],
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
