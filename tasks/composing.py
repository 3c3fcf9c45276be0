"""What a child process does to make a paper's file; it imports nothing of Prefect or the house."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from domain.words import PageText
from reading.compose import compose_pdf
from reading.opening import OpenedPage
from signing.appearance import AppearanceProfile
from signing.pdf import prepare_fields

ReadPage = tuple[Path, OpenedPage, PageText]


def make_file(
    pages: list[ReadPage],
    folder: Path,
    paper_id: str,
    created: datetime,
    officer: AppearanceProfile,
    agency: AppearanceProfile,
) -> None:
    """Write `prepared.pdf` into the folder: pages, invisible text, empty signature fields."""
    compose_pdf(
        pages, folder / "composed.pdf", title=paper_id, created=created, document_id=paper_id
    )
    prepare_fields(
        folder / "composed.pdf",
        folder / "prepared.pdf",
        officer=officer,
        agency=agency,
    )
