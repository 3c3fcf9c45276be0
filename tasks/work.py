"""What steps leave for each other in the work store: values as JSON, files by digest."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from domain.splitting import PaperPlan
from domain.symbols import Symbol
from domain.words import PageText
from reading.opening import OpenedScan
from storage.content import ContentStore


class Opened(BaseModel):
    """A scan as opened: its pages, and the digests under which the files are kept."""

    model_config = ConfigDict(frozen=True)

    scan: OpenedScan
    original: str
    images: dict[str, str]
    """File name of a page image → hex SHA-256 in the work store."""


class Words(BaseModel):
    """What was read on every page of a scan, and the papers that it was split into."""

    model_config = ConfigDict(frozen=True)

    pages: tuple[PageText, ...]
    symbols: dict[int, tuple[Symbol, ...]] = {}
    """Page number → bar codes and QR codes read on it."""
    doubts: dict[int, str] = {}
    """Page number → why a person must look at that page, whatever else is read."""
    papers: tuple[PaperPlan, ...] = ()
    """The division in force, decided once; empty until then."""


class Package(BaseModel):
    """What goes into the archive for one paper, fixed before the first byte is written there.

    A run that is killed while archiving writes the same bytes again.
    """

    model_config = ConfigDict(frozen=True)

    created: str
    """ISO 8601 with offset."""
    scan_files: dict[str, str]
    """Content path in the scan's archive object → hex SHA-256 in the work store."""
    files: dict[str, str]
    """The same for the paper's object."""


def save(work: ContentStore, value: BaseModel) -> str:
    """Keep a value; its hex SHA-256."""
    return work.add(value.model_dump_json().encode())


def load_opened(work: ContentStore, digest: str) -> Opened:
    """The value that `save` kept."""
    return Opened.model_validate_json(work.get(digest))


def load_words(work: ContentStore, digest: str) -> Words:
    """The value that `save` kept."""
    return Words.model_validate_json(work.get(digest))


def load_package(work: ContentStore, digest: str) -> Package:
    """The value that `save` kept."""
    return Package.model_validate_json(work.get(digest))


def fetch_images(work: ContentStore, opened: Opened, folder: Path) -> None:
    """Bring the page images back under the names that the pages carry."""
    for name, digest in opened.images.items():
        work.fetch(digest, folder / name)
