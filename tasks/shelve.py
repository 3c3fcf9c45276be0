"""Bring archived papers into the data store: their words become searchable, their verdict known.

A sweep, not a step of the line: it reads the archive alone, so the index can be rebuilt from it.
"""

from __future__ import annotations

import json

from domain.words import PageText
from storage.registry import papers, reuse, search
from tasks.house import house
from tasks.logs import each_paper
from tasks.objects import read_paper
from tasks.step import step


@step("shelve")
def shelve_new(limit: int) -> int:
    """Shelve archived papers that are not yet; how many. Quick when there are none."""
    here = house()
    here.registry.migrate()
    with here.registry.read() as db:
        waiting = reuse.unshelved(db, limit)
    for paper_id in each_paper(waiting):
        shelve(paper_id)
    return len(waiting)


def shelve(paper_id: str) -> str:
    """Shelve one archived paper; the verdict on its signatures when it was archived.

    Raises IntegrityFault or NotFound when the archive does not hold what it must.
    """
    here = house()
    with here.registry.read() as db:
        row = papers.paper(db, paper_id)
    record = json.loads(read_paper(here, row, "record.json"))
    texts = json.loads(read_paper(here, row, "text.json"))
    fields = record["fields"]
    heading = [(fields.get(name) or {}).get("value") for name in ("title", "subject", "number")]
    pages = [PageText.model_validate(page).text for page in texts["pages"]] or [""]
    pages[0] = "\n".join((*filter(None, heading), pages[0]))
    verdict = str(record["signatures"]["verdict"])
    with here.registry.begin() as db:
        papers.paper(db, paper_id)
        if reuse.shelve(db, paper_id, verdict=verdict, at=here.now()):
            search.put(db, paper_id, pages)
    return verdict
