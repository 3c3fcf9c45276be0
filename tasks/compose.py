"""Make the file that will be signed: a two-layer PDF/A-2b, or the received file as it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping

from domain.claims import Claim
from storage.registry import audit, claims, papers, scans
from tasks.composing import make_file
from tasks.house import House, house
from tasks.logs import each_paper
from tasks.recognise import words_of
from tasks.step import step
from tasks.work import Opened, Words, fetch_images


@step("compose")
def compose(claim: Claim, opened: Opened, paper_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Compose each paper's file once; the same ids.

    A scan becomes page images with an invisible text layer and two empty signature fields.
    Input that is already signed, or born digital, is never rewritten: its bytes are the file.
    """
    here = house()
    words: Words | None = None
    for paper_id in each_paper(paper_ids):
        with here.registry.read() as db:
            row = papers.paper(db, paper_id)
            scan = scans.scan(db, claim.scan_id)
        if row["composed"]:
            continue
        if opened.scan.kind == "scan":
            words = words or words_of(here, claim.scan_id)
            digest = _compose(here, opened, words, row, scan["received_at"])
        else:
            digest = opened.original
        at = here.now()
        with here.registry.begin() as db:
            claims.hold(db, claim)
            papers.keep_first(db, paper_id, "composed", digest, at=at)
            audit.append(db, "composed", paper_id, actor=here.worker, at=at, sha256=digest)
    return paper_ids


def _compose(here: House, opened: Opened, words: Words, row: RowMapping, created: datetime) -> str:
    work = here.work(row["scan_id"])
    with here.scratch() as folder:
        fetch_images(work, opened, folder)
        texts = {text.page: text for text in words.pages}
        pages = [
            (folder / page.image, page, texts[page.page])
            for page in opened.scan.pages
            if page.page in row["pages"]
        ]
        here.pool.run(  # page images are foreign bytes
            make_file,
            pages,
            folder,
            row["id"],
            created,
            here.profile("officer"),
            here.profile("agency"),
            timeout_seconds=here.settings.limits.compose_seconds,
        )
        return work.add(folder / "prepared.pdf")
