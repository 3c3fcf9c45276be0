"""What became of a lot: every scan in exactly one state, every paper, the progress."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from domain.progress import Progress


class ScanCounts(BaseModel):
    """Scans (uploads) by outcome; the five outcomes sum to `total`.

    `done`: all papers archived by this run. `already`: finished in an earlier run. Scans that no
    run has finished yet are not in `total`; `LotSummary.unfinished` names them.
    """

    model_config = ConfigDict(frozen=True)

    total: int = 0
    done: int = 0
    review: int = 0
    set_aside: int = 0
    duplicate: int = 0
    already: int = 0


class PaperCounts(BaseModel):
    """Papers of this run: `archived` by it, in `review` or `awaiting_officer` now."""

    model_config = ConfigDict(frozen=True)

    total: int = 0
    archived: int = 0
    review: int = 0
    awaiting_officer: int = 0


class SetAside(BaseModel):
    """A scan on the shelf: the file's name, the stable reason word, the message for people."""

    model_config = ConfigDict(frozen=True)

    id: str
    """The scan's SHA-256."""
    scan: str
    reason: str
    message: str


class PaperLine(BaseModel):
    """A paper as a table shows it; owner and code are masked."""

    model_config = ConfigDict(frozen=True)

    id: str
    scan_id: str
    scan: str
    type: str
    code: str
    owner: str
    pages: int
    state: str
    review: tuple[str, ...] = ()


class LotSummary(BaseModel):
    """The summary of a run over a lot."""

    model_config = ConfigDict(frozen=True)

    lot: str | None
    scans: ScanCounts
    papers: PaperCounts
    set_aside: tuple[SetAside, ...]
    missing: tuple[str, ...] = ()
    """Files that the lot's manifest expects and that have not come."""
    unfinished: tuple[str, ...] = ()
    """Files that no run has finished yet."""
    unfinished_scans: tuple[str, ...] = ()
    """Their scans, in the same order."""
    pages: int
    seconds: float
    """From the start of the run to the summary; 0 where only the state is asked for."""
    progress: Progress | None
    rows: tuple[PaperLine, ...]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What still needs somebody, in Vietnamese; empty where the lot is done with."""
        waiting = (
            (len(self.set_aside), "bản quét để riêng"),
            (self.papers.review, "giấy tờ chờ duyệt"),
            (self.papers.awaiting_officer, "giấy tờ chờ cán bộ ký"),
            (len(self.unfinished), "bản quét chưa xử lý xong"),
            (len(self.missing), "tệp trong lot.json chưa có"),
        )
        return tuple(f"{count} {what}" for count, what in waiting if count)
