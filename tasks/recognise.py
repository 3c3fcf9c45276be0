"""Read every page: words, boxes, bar codes; then the papers that the scan holds."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping

from domain.claims import Claim
from domain.errors import DocumentFault
from domain.identity import paper_id
from domain.lot import UploadFacts
from domain.secrecy import SECRET, Stamp, find_secrecy
from domain.splitting import PaperPlan, Said, keep_whole, split_scan
from domain.symbols import Symbol
from reading.opened import OpenedScan
from reading.recognise import read_page
from reading.settings import ReadingSettings
from reading.symbols import read_symbols
from storage.registry import audit, claims, papers, scans
from tasks.house import House, house
from tasks.step import step
from tasks.work import Opened, Words, fetch_images, load_words, save

LOG = logging.getLogger("sohoa.recognise")
_SYMBOL_SECONDS = 20.0
NOT_SECRET = "not_secret"  # noqa: S105 - an action in the audit chain, not a password
"""A person said that a scan bears no mark of secrecy; the line no longer looks for one."""


@step("recognise")
def recognise(claim: Claim, opened: Opened) -> tuple[str, ...]:
    """Read the scan's pages side by side and split it into papers; the ids of the papers.

    A scan is split once; a second call finds the words and papers of the first. Raises
    DocumentFault: `no_pages` for a scan of separating sheets only, `secret` for a mark of secrecy
    (mật), unless a person said that it is none: then nothing that was read is kept.
    """
    here = house()
    with here.registry.read() as db:
        row = scans.scan(db, claim.scan_id)
        said = {entry["action"] for entry in audit.of(db, claim.scan_id)}
    work = here.work(claim.scan_id)
    if row["words"]:
        words = load_words(work, row["words"])
    else:
        words = _read(here, claim, opened, released=NOT_SECRET in said)
    if not words.papers:
        words = words.model_copy(update={"papers": _papers(here, row, opened.scan, words)})
        digest = save(work, words)
        with here.registry.begin() as db:
            scans.record(db, claim, words=digest)
            audit.append(
                db, "recognised", claim.scan_id, actor=here.worker, at=here.now(), words=digest
            )
    return _enter(here, claim, row["split"], words.papers)


def _read(here: House, claim: Claim, opened: Opened, *, released: bool) -> Words:
    with here.scratch() as folder:
        fetch_images(here.work(claim.scan_id), opened, folder)
        words, stamps = read_pages(here, opened.scan, folder)
    mark = None if released else find_secrecy(words.pages, stamps)
    if mark is None:
        return words
    if mark.sure:  # before the words are written anywhere
        raise DocumentFault(SECRET, mark.message)
    return words.model_copy(update={"doubts": {mark.page: mark.message}})


def read_pages(
    here: House, scan: OpenedScan, folder: Path
) -> tuple[Words, dict[int, tuple[Stamp, ...]]]:
    """What every page says, read by the child processes; page images are in `folder`.

    Text and symbols, and by page number what stands in framed stamps, which is not kept.
    """
    settings = ReadingSettings(engine=here.settings.ocr_engine)
    symbols = _read_symbols(here, scan, folder)
    read = here.pool.map(
        read_page,
        [(folder / page.image, page, settings) for page in scan.pages],
        timeout_seconds_each=here.settings.limits.page_seconds,
    )
    words = Words(pages=tuple(page.text for page in read), symbols=symbols)
    return words, {page.text.page: page.stamps for page in read}


def _read_symbols(here: House, scan: OpenedScan, folder: Path) -> dict[int, tuple[Symbol, ...]]:
    """Page number → symbols. A page that makes the reader hang or crash loses its own only."""
    calls = [(folder / page.image, page) for page in scan.pages]
    try:
        found = here.pool.map(read_symbols, calls, timeout_seconds_each=_SYMBOL_SECONDS)
    except DocumentFault:  # which page it was shows when each is read by itself
        found = [_symbols_alone(here, call) for call in calls]
    numbered = zip(scan.pages, found, strict=True)
    return {page.page: symbols for page, symbols in numbered if symbols}


def _symbols_alone(here: House, call: tuple[Any, ...]) -> tuple[Symbol, ...]:
    try:
        return here.pool.run(read_symbols, *call, timeout_seconds=_SYMBOL_SECONDS)
    except DocumentFault as fault:
        LOG.warning("bỏ qua mã vạch của một trang: %s", fault.reason)
        return ()


def _papers(here: House, row: RowMapping, scan: OpenedScan, words: Words) -> tuple[PaperPlan, ...]:
    facts = UploadFacts.model_validate(row["facts"])
    said = Said(unit=facts.unit, dossier=facts.dossier, ranges=facts.pages)
    return papers_in(here, scan, words, said)


def papers_in(here: House, scan: OpenedScan, words: Words, said: Said) -> tuple[PaperPlan, ...]:
    """The papers that a scan holds; a file that must keep its bytes is one paper."""
    if scan.kind != "scan":
        return keep_whole(words.pages, words.symbols, said)
    on_blank = here.settings.split_on_blank
    return split_scan(words.pages, words.symbols, said, on_blank=on_blank)


def _enter(here: House, claim: Claim, split: int, plans: tuple[PaperPlan, ...]) -> tuple[str, ...]:
    """Write the papers' rows, all or none; their ids."""
    made = [(paper_id(claim.scan_id, split, place), plan) for place, plan in enumerate(plans)]
    with here.registry.begin() as db:
        claims.hold(db, claim)
        for place, (identifier, plan) in enumerate(made):
            papers.add(
                db,
                paper_id=identifier,
                scan_id=claim.scan_id,
                split=split,
                position=place,
                pages=plan.pages,
                unit=plan.unit,
                dossier=plan.dossier,
                at=here.now(),
            )
    return tuple(identifier for identifier, _ in made)


def words_of(here: House, scan_id: str) -> Words:
    """The words that were read on a scan's pages."""
    with here.registry.read() as db:
        digest = scans.scan(db, scan_id)["words"]
    return load_words(here.work(scan_id), digest)
