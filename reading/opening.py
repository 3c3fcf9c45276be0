"""Open a scan's foreign bytes. Runs in a child process (`reading.pool`)."""

from __future__ import annotations

from pathlib import Path

from reading import kinds
from reading.faults import fault
from reading.images import open_image
from reading.limits import Limits
from reading.opened import OpenedPage, OpenedScan
from reading.pdf_pages import open_pdf
from reading.zip_files import open_zip

__all__ = ["OpenedPage", "OpenedScan", "open_scan"]

_HEAD = 1024
_TAIL = 8192


def open_scan(source: Path, folder: Path, limits: Limits) -> OpenedScan:
    """Open the file at `source`; write one archival image per page into `folder`.

    The format is told from the content alone. Raises DocumentFault with one of the reasons of
    `reading.faults.Reason`; Unavailable when the machine, not the document, is at fault.
    """
    size = source.stat().st_size
    if size == 0:
        raise fault("empty")
    if size > limits.max_bytes_per_scan:
        raise fault("too_large")
    with source.open("rb") as stream:
        head = stream.read(_HEAD)
        stream.seek(max(0, size - _TAIL))
        tail = stream.read()
    kind = kinds.media_type(head)
    if kind is None:
        raise fault("unknown_format")
    cut = kinds.ends_early(kind, size, head, tail)
    if kind == kinds.PDF:
        return open_pdf(source, folder, limits, cut=cut)
    if kind == kinds.ZIP:
        if cut:
            raise fault("truncated")
        return open_zip(source, folder, limits, open_scan)
    return open_image(source, folder, limits, media_type=kind, cut=cut)
