"""States of scans and papers (trạng thái). They live in our registry; Prefect's are a view."""

from __future__ import annotations

from enum import StrEnum


class ScanState(StrEnum):
    """Where a scan (bản quét) is. A duplicate is a state of an upload, not of a scan."""

    RECEIVED = "received"
    DONE = "done"
    """All its papers are archived, superseded, withdrawn or rejected."""
    REVIEW = "review"
    """At least one of its papers waits for a person."""
    SET_ASIDE = "set_aside"
    """It cannot be read; the reason stands beside it and its bytes are kept."""


class PaperState(StrEnum):
    """Where a paper (giấy tờ) is, in the order of the line."""

    RECOGNISED = "recognised"
    AWAITING_OFFICER = "awaiting_officer"
    OFFICER_SIGNED = "officer_signed"
    IN_REVIEW = "in_review"
    CODED = "coded"
    SIGNED = "signed"
    ARCHIVED = "archived"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    DISPOSED = "disposed"
    """Removed from the archive after its retention; only the registry and the audit know of it."""


FINAL_PAPER_STATES = frozenset(
    {
        PaperState.ARCHIVED,
        PaperState.SUPERSEDED,
        PaperState.WITHDRAWN,
        PaperState.REJECTED,
        PaperState.DISPOSED,
    }
)

SCAN_STATE_NAMES: dict[str, str] = {
    "received": "chờ xử lý",
    "done": "xong",
    "review": "chờ duyệt",
    "set_aside": "để riêng",
    "duplicate": "trùng",
    "already": "đã xử lý trước đó",
}

PAPER_STATE_NAMES: dict[PaperState, str] = {
    PaperState.RECOGNISED: "đã đọc",
    PaperState.AWAITING_OFFICER: "chờ cán bộ ký",
    PaperState.OFFICER_SIGNED: "cán bộ đã ký",
    PaperState.IN_REVIEW: "chờ duyệt",
    PaperState.CODED: "đã cấp mã",
    PaperState.SIGNED: "cơ quan đã ký",
    PaperState.ARCHIVED: "đã lưu trữ",
    PaperState.SUPERSEDED: "đã thay thế",
    PaperState.WITHDRAWN: "đã thu hồi",
    PaperState.REJECTED: "đã loại",
    PaperState.DISPOSED: "đã tiêu hủy",
}
