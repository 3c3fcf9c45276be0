"""What is logged, as lines of JSON for whoever collects them: which scan, which run, no person.

`SOHOA_LOG_FORMAT=json` turns it on. A message names scans, papers and files' reasons, never what
was read; the same holds for our exceptions.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from tasks.house import VIETNAM
from tasks.settings import LogFormat

PREFECT_VARIABLES = {
    "PREFECT_LOGGING_FORMATTERS_JSON_CLASS": f"{__name__}.JsonLines",
    "PREFECT_LOGGING_FORMATTERS_JSON_FORMAT": "%(message)s",  # or the class is refused unheard
    "PREFECT_LOGGING_HANDLERS_DEBUG_FORMATTER": "json",
    "PREFECT_LOGGING_ROOT_HANDLERS": "debug",
}
"""What makes a Prefect server, worker or run write the same lines."""
_SCAN: ContextVar[str | None] = ContextVar("sohoa_scan", default=None)
_PAPER: ContextVar[str | None] = ContextVar("sohoa_paper", default=None)
_RUN = ("flow_run_id", "flow_run_name", "task_run_name")
"""What Prefect's own loggers know."""


@contextmanager
def about_scan(scan_id: str, paper_id: str | None = None) -> Iterator[None]:
    """Lines logged inside the block carry this scan's id, and the paper's where one is meant."""
    scan, paper = _SCAN.set(scan_id), _PAPER.set(paper_id or _PAPER.get())
    try:
        yield
    finally:
        _PAPER.reset(paper)
        _SCAN.reset(scan)


@contextmanager
def about_paper(paper_id: str) -> Iterator[None]:
    """Lines logged inside the block carry this paper's id."""
    before = _PAPER.set(paper_id)
    try:
        yield
    finally:
        _PAPER.reset(before)


def each_paper(paper_ids: Iterable[str]) -> Iterator[str]:
    """The papers of a scan one after the other; lines logged meanwhile carry the paper's id.

    So do those after an error, up to the end of the scan's block: they are about that paper.
    """
    before = _PAPER.get()
    for paper_id in paper_ids:
        _PAPER.set(paper_id)
        yield paper_id
    _PAPER.set(before)


class JsonLines(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`; `scan`, `paper`, run if any."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. Of an exception its kind and way: foreign messages quote what was read."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, VIETNAM).isoformat("T", "milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        subject = {"scan": _SCAN.get(), "paper": _PAPER.get()}
        said |= {name: value for name, value in subject.items() if value}
        said |= {name: str(getattr(record, name)) for name in _RUN if hasattr(record, name)}
        if record.exc_info and record.exc_info[0]:
            said["exception"] = record.exc_info[0].__name__
            said["trace"] = "".join(traceback.format_tb(record.exc_info[2]))
        return json.dumps(said, ensure_ascii=False)


def set_up(how: LogFormat = "text", level: int = logging.ERROR) -> None:
    """Log to standard error from now on, in this form."""
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(name)s: %(message)s")
    handler.setFormatter(JsonLines() if how == "json" else plain)
    logging.basicConfig(level=level, handlers=[handler], force=True)
