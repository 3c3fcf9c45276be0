"""Read one file and say what it is; archives nothing, needs no registry."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from domain.describe import describe
from domain.errors import DocumentFault, NotFound
from domain.splitting import PaperPlan, Said
from domain.words import PageText
from reading.opening import open_scan
from tasks.house import House, house
from tasks.recognise import papers_in, read_pages
from tasks.work import Words


def read_file(file: Path) -> dict[str, Any]:
    """Pages, papers with type and the nine fields, and `set_aside` for what cannot be read."""
    if not file.is_file():
        raise NotFound(f"Không có tệp «{file}».")
    here = house()
    try:
        words, plans = _read(here, file)
    except DocumentFault as fault:
        return {
            "pages": [],
            "papers": [],
            "set_aside": {"reason": fault.reason, "message": str(fault)},
        }
    return {
        "pages": [_page(page) for page in words.pages],
        "papers": [_paper(here, words, plan) for plan in plans],
        "set_aside": None,
    }


def _read(here: House, file: Path) -> tuple[Words, tuple[PaperPlan, ...]]:
    limits = here.settings.limits
    here.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with here.scratch() as folder:
        source = folder / "original"
        shutil.copyfile(file, source)
        scan = here.pool.run(open_scan, source, folder, limits, timeout_seconds=limits.open_seconds)
        words, _ = read_pages(here, scan, folder)
        return words, papers_in(here, scan, words, Said())


def _page(page: PageText) -> dict[str, Any]:
    return {
        "page": page.page,
        "dpi": round(page.dpi),
        "rotation": page.rotation,
        "skew": round(page.skew, 2),
        "blank": page.blank,
        "problems": [problem.model_dump() for problem in page.problems],
        "text": page.text,
        "confidence": round(page.confidence, 3),
    }


def _paper(here: House, words: Words, plan: PaperPlan) -> dict[str, Any]:
    pages = [page for page in words.pages if page.page in plan.pages]
    description = describe(
        pages,
        here.catalogue,
        thresholds=here.settings.thresholds,
        today=here.today(),
        hint=plan.type_id,
    )
    kind = description.type
    return {
        "pages": list(plan.pages),
        "type": {
            "id": kind.id,
            "name": kind.name,
            "confidence": round(kind.confidence, 3),
            "evidence": list(kind.evidence),
        },
        "fields": {
            name: {
                "value": field.value,
                "confidence": round(field.confidence, 3),
                "review": field.review,
            }
            for name, field in description.fields.items()
        },
        "review": [*plan.remarks, *description.review],
    }
