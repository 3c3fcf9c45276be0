"""Pages for measuring types and fields: drawn at three noise levels or real, read once and kept.

What was read is kept under `.cache/words`, by the SHA-256 of the page image, and drawn papers under
`.cache/papers` as well, by what draws them, so that a change of the rules is measured in a minute;
`fresh` draws and reads again.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.mixed_set import REAL_SCANS
from deployments.samples.degradation import Degradation
from deployments.samples.papers import Wish, draw_paper
from deployments.samples.sheet import PAGE_HEIGHT, PAGE_WIDTH, Placed
from deployments.samples.truth import PaperTruth
from domain.secrecy import Stamp
from domain.words import Box, PageText, Word
from reading.limits import Limits
from reading.opening import open_scan
from reading.recognise import recognise_page
from reading.settings import ReadingSettings
from reading.stamps import read_stamps

_ROOT = Path(__file__).resolve().parents[1]
CACHE, PAPERS = _ROOT / ".cache" / "words", _ROOT / ".cache" / "papers"
_SAMPLES, _TYPES = _ROOT / "deployments" / "samples", _ROOT / "catalogues" / "document_types"
LEVELS = ("sạch 300 dpi", "máy quét thường", "nhiễu, nghiêng 200 dpi")
PERFECT = "không qua OCR"
"""The words as they were set: measures the rules alone, in seconds."""
_SCALE = 300 / 72


class Job(NamedTuple):
    """One paper to draw and read."""

    kind: str
    seed: int
    level: str
    secrecy: str | None = None
    fresh: bool = False
    any_authority: bool = False
    """Issued by a ministry, a court, the Party …, with notes and stamps of others on it."""
    handwritten: bool = False
    """Number and day by hand."""
    secrecy_framed: bool = True


class ReadPaper(NamedTuple):
    """A paper as read, and what stands on it."""

    job: Job
    truth: PaperTruth
    pages: tuple[PageText, ...]


class RealPaper(NamedTuple):
    """A real scan as read, and the truth of its header as a person read it."""

    fields: dict[str, str]
    pages: tuple[PageText, ...]


def wear_of(level: str, seed: int) -> tuple[int, Degradation | None]:
    """Dots per inch and degradation of a noise level."""
    rng = Random(f"fields/{level}/{seed}")
    if level == LEVELS[1]:
        return rng.choice((200, 300)), Degradation.drawn(rng)
    if level == LEVELS[2]:
        wear = Degradation(
            skew=round(rng.choice((1, -1)) * rng.uniform(0.8, 1.8), 2),
            noise=round(rng.uniform(8, 14), 1),
            shade=round(rng.uniform(0.1, 0.3), 3),
            blur=round(rng.uniform(0.4, 0.8), 2),
            jpeg_quality=rng.randrange(55, 70),
            colour=rng.choice(("rgb", "grey")),
        )
        return 200, wear
    return 300, None


def read_drawn(job: Job) -> ReadPaper:
    """Draw a paper and read it (or set its words without OCR), unless it is kept."""
    if job.level == PERFECT:
        return _drawn_and_read(job)
    kept = _place(job)
    if kept.is_file() and not job.fresh:
        said = json.loads(kept.read_text("utf-8"))
        pages = tuple(PageText.model_validate(page) for page in said["pages"])
        return ReadPaper(job, PaperTruth.model_validate(said["truth"]), pages)
    paper = _drawn_and_read(job)
    said = {
        "truth": paper.truth.model_dump(mode="json"),
        "pages": [page.model_dump(mode="json") for page in paper.pages],
    }
    _keep(kept, json.dumps(said))
    return paper


def is_kept(job: Job) -> bool:
    """Whether the paper has been drawn and read before."""
    return _place(job).is_file()


def _place(job: Job) -> Path:
    return PAPERS / f"{_drawn_by()}-{hashlib.sha256(repr(job).encode()).hexdigest()}.json"


@cache
def _drawn_by() -> str:
    """Changes with whatever a paper is drawn from."""
    sources = (*_SAMPLES.glob("*.py"), *_TYPES.glob("*.toml"))
    read = b"".join(file.read_bytes() for file in sorted(sources))
    return hashlib.sha256(read).hexdigest()[:12]


def _keep(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}")
    part.write_text(text, "utf-8")
    part.replace(file)


def _drawn_and_read(job: Job) -> ReadPaper:
    dpi, wear = wear_of(job.level, job.seed)
    perfect = job.level == PERFECT
    paper = draw_paper(
        job.kind,
        seed=job.seed,
        dpi=36 if perfect else dpi,
        degrade=wear,
        handwritten=job.handwritten,
        wish=_wish(job),
    )
    if perfect:
        pages = tuple(_as_set(words, at) for at, words in enumerate(paper.words, start=1))
        return ReadPaper(job, paper.truth, pages)
    read = []
    for number, image in enumerate(paper.pages, start=1):
        with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
            file = Path(folder) / "page.png"
            image.save(file, dpi=(dpi, dpi), compress_level=1)
            read += [
                page.model_copy(update={"page": number}) for page in read_file(file, job.fresh)
            ]
    return ReadPaper(job, paper.truth, tuple(read))


def _wish(job: Job) -> Wish:
    return Wish(
        pages=1,
        secrecy=job.secrecy,
        secrecy_framed=job.secrecy_framed,
        any_authority=job.any_authority,
    )


def stamps_drawn(job: Job) -> dict[int, tuple[Stamp, ...]]:
    """What stands in stamps of a drawn paper: as the line looks for marks of secrecy."""
    dpi, wear = wear_of(job.level, job.seed)
    paper = draw_paper(job.kind, seed=job.seed, dpi=dpi, degrade=wear, wish=_wish(job))
    return {1: read_stamps(paper.pages[0], dpi, ReadingSettings())}


def read_real(fields: dict[str, str]) -> RealPaper:
    """Read a real scan."""
    return RealPaper(fields, read_file(REAL_SCANS / fields["file"], False))


def real_fields() -> list[dict[str, str]]:
    """The truth of the real scans; empty where they are not there."""
    listing = REAL_SCANS / "fields.json"
    entries: list[dict[str, str]] = (
        json.loads(listing.read_text("utf-8")) if listing.is_file() else []
    )
    return entries


def read_file(file: Path, fresh: bool) -> tuple[PageText, ...]:
    """The pages of a file as recognised, from the cache where it has been read before."""
    kept = CACHE / f"{hashlib.sha256(file.read_bytes()).hexdigest()}.json"
    if kept.is_file() and not fresh:
        return tuple(PageText.model_validate(page) for page in json.loads(kept.read_text("utf-8")))
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        scan = open_scan(file, Path(folder), Limits())
        pages = tuple(
            recognise_page(Path(folder) / page.image, page, ReadingSettings())
            for page in scan.pages
        )
    _keep(kept, json.dumps([page.model_dump(mode="json") for page in pages]))
    return pages


def _as_set(placed: tuple[Placed, ...], page: int) -> PageText:
    return PageText(
        page=page,
        width=round(PAGE_WIDTH * _SCALE),
        height=round(PAGE_HEIGHT * _SCALE),
        dpi=300,
        words=tuple(
            Word(text=word.text, box=_box(word), confidence=0.96, line=word.line) for word in placed
        ),
    )


_STACKED = frozenset("ẤẦẨẪẬẮẰẲẴẶẾỀỂỄỆỐỒỔỖỘỚỜỞỠỢỨỪỬỮỰÁÀẢÃÉÈẺẼÍÌỈĨÓÒỎÕÚÙỦŨÝỲỶỸÂÊÔĂấầẩẫắằẳẵếềểễốồổỗ")


def _box(word: Placed) -> Box:
    """Capitals reach 0.66 em over the line, with marks 0.9 em; tails go 0.2 em below it."""
    rise = 0.66
    if set(word.text) & _STACKED:
        rise = 0.9
    elif not any(char.isupper() or char.isdigit() or char in "bdđfhkltÀ" for char in word.text):
        rise = 0.6 if any(not char.isascii() for char in word.text) else 0.46
    drop = 0.2 if any(char in "gjpqyQ,;ạặậẹệịọộợụựỵẠẶẬẸỆỊỌỘỢỤỰỴ" for char in word.text) else 0.0
    return Box(
        x=round(word.left * _SCALE),
        y=round((word.baseline - rise * word.size) * _SCALE),
        width=max(1, round(word.width * _SCALE)),
        height=max(1, round((rise + drop) * word.size * _SCALE)),
    )
