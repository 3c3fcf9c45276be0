"""Papers archived by the line's own steps, without reading pages: for tests of what comes after.

Description and files are made up here; receiving, claiming, describing, coding, archiving and
registering are the line's.
"""

import hashlib

from domain.identity import paper_id
from domain.lot import LotManifest, UploadFacts
from domain.record import FIELD_NAMES, Description, FieldValue, TypeGuess
from domain.words import PageText
from reading.opened import OpenedPage, OpenedScan
from signing.verdicts import Verification
from storage.registry import papers, protections, scans, uploads
from tasks.archive import archive, register
from tasks.assign_codes import assign_codes
from tasks.claims import claimed
from tasks.describe import write_description
from tasks.house import house
from tasks.work import Opened, Words, save

PAGE = OpenedPage(page=1, image="1.png", dpi=200, width=100, height=100, width_pt=36, height_pt=36)
TYPES = ("giay-khai-sinh", "quyet-dinh")


def owner_of(number):
    """An invented personal identifier; every third paper belongs to the same person."""
    return f"0330{90 + number % 3:02}001234"


def archive_papers(here, count, *, first=0, dossier=None):
    """Archive `count` scans of one paper each; the papers' ids in order."""
    assert here is house()
    here.prepare()
    return [_archive_one(here, number, dossier) for number in range(first, first + count)]


def _archive_one(here, number, dossier):
    at = here.now()
    content = b"%PDF-1.7 invented scan " + str(number).encode() * 50
    scan_id = hashlib.sha256(content).hexdigest()
    name = f"scan-{number}.pdf"
    with here.registry.begin() as db:
        uploads.open_lot(db, LotManifest(lot="lo-1", unit="H31"), at=at)
        facts = UploadFacts(
            name=name, unit="H31", dossier=dossier or f"H31-{number // 2}", officer="Trần Thị Bình"
        )
        uploads.register_upload(
            db, "lo-1", facts, scan_id=scan_id, key=f"lo-1/{name}", size_bytes=len(content), at=at
        )
    here.intake.put(f"lo-1/{name}", content)
    identifier = paper_id(scan_id, 1, 0)
    with claimed(scan_id) as claim:
        work = here.work(scan_id)
        opened = Opened(
            scan=OpenedScan(media_type="application/pdf", kind="scan", pages=(PAGE,)),
            original=work.add(content),
            images={},
        )
        page = PageText(page=1, width=100, height=100, dpi=200, words=())
        with here.registry.begin() as db:
            words = save(work, Words(pages=(page,)))
            scans.record(
                db,
                claim,
                opened=save(work, opened),
                words=words,
                pages=1,
                kind="scan",
                media_type="application/pdf",
            )
            papers.add(
                db,
                paper_id=identifier,
                scan_id=scan_id,
                split=1,
                position=0,
                pages=[1],
                unit="H31",
                dossier=facts.dossier,
                at=at,
            )
            papers.keep_first(db, identifier, "composed", work.add(content), at=at)
            row = papers.paper(db, identifier)
        write_description(here, claim, row, _description(number))
        assign_codes(claim, (identifier,))
        signed = work.add(content + b" signed")
        with here.registry.begin() as db:
            papers.keep_first(
                db,
                identifier,
                "signed",
                signed,
                at=at,
                signed_at=at,
                verification=save(work, Verification()),
            )
            protections.enter(
                db,
                identifier,
                level="B-B",
                wanted="B-T",
                shortfall="không có TSA",
                until=at,
                algorithms=("sha256", "rsa2048"),
                sha256=signed,
                behind=True,
                updated_at=at,
            )
        archive(claim, (identifier,))
        register(claim, (identifier,))
    return identifier


def _description(number):
    type_id = TYPES[number % len(TYPES)]
    values = {
        "type_code": house().catalogue.type(type_id).code or type_id,
        "owner_id": owner_of(number),
        "title": f"Giấy tờ số {number}",
        "number": f"{number // 12}/QĐ-UBND",  # two of twelve share owner, type and number
        "issuer": "UBND xã Tân Tiến",
        "subject": f"Về việc mẫu số {number}",
        "issue_date": f"2026-0{1 + number % 9}-1{number % 10}",
    }
    if number % 5 == 0:
        values["valid_until"] = "2031-01-01"
    return Description(
        type=TypeGuess(id=type_id, name="loại", confidence=1.0),
        fields={
            name: FieldValue(value=values.get(name), confidence=1.0, source="label")
            for name in FIELD_NAMES
        },
        details={"detail": FieldValue(value=str(number))},
    )
