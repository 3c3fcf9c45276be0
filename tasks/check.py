"""Is a scan fit to be kept? Said before the original goes back to the citizen; no OCR."""

from __future__ import annotations

import shutil
from pathlib import Path

from pydantic import BaseModel, ConfigDict, computed_field

from domain.errors import DocumentFault, NotFound
from reading.opening import open_scan
from reading.quality import PageVerdict, Problem, QualitySettings, check_count, check_page
from tasks.house import house


class FileVerdict(BaseModel):
    """What was found on one file: on its pages, and on the whole."""

    model_config = ConfigDict(frozen=True)

    file: str
    pages: tuple[PageVerdict, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Of the whole file: it cannot be opened, or pages are missing."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def fit(self) -> bool:
        """Whether the scan may be kept and the original handed back."""
        return not any(
            problem.blocking
            for problem in (*self.problems, *(p for page in self.pages for p in page.problems))
        )


def check_file(
    path: Path, expected_pages: int | None = None, settings: QualitySettings | None = None
) -> FileVerdict:
    """The verdict on the file at `path`, which must have `expected_pages` if that is given.

    A file that cannot be opened is unfit, with the reason; NotFound when there is no such file.
    The pages are looked at side by side in child processes, in under a second each.
    """
    if not path.is_file():
        raise NotFound(f"Không có tệp «{path}».")
    try:
        pages = _pages(path, settings or QualitySettings())
    except DocumentFault as fault:
        refusal = Problem(reason=fault.reason, message=str(fault))
        return FileVerdict(file=path.name, problems=(refusal,))
    return FileVerdict(
        file=path.name, pages=pages, problems=check_count(len(pages), expected_pages)
    )


def _pages(path: Path, settings: QualitySettings) -> tuple[PageVerdict, ...]:
    here = house()
    limits = here.settings.limits
    here.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with here.scratch() as folder:
        source = folder / "original"
        shutil.copyfile(path, source)
        scan = here.pool.run(open_scan, source, folder, limits, timeout_seconds=limits.open_seconds)
        return tuple(
            here.pool.map(
                check_page,
                [(folder / page.image, page, settings) for page in scan.pages],
                timeout_seconds_each=limits.page_seconds,
            )
        )
