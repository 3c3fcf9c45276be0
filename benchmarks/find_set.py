"""A registry with a million archived papers and their text, written in bulk, for `benchmarks.find`.

Rows only: nothing is scanned, nothing stands in the archive. Words are invented syllables with
tone marks, drawn as natural text is (few words very often, most words seldom).
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, create_engine, text

from domain.record import FIELD_NAMES
from storage.registry.schema import holdings, lots, metadata, papers, scans
from storage.registry.search import words_of
from tasks.house import House

WORDS_PER_PAGE = 100
PAPERS_PER_OWNER = 4
_PER_SCAN = 100
_BATCH = 5_000
_SEED = 468
_TYPES = ("giay-khai-sinh", "giay-chung-nhan-ket-hon", "giay-phep-xay-dung", "quyet-dinh")
_TITLES = ("Giấy khai sinh", "Giấy chứng nhận kết hôn", "Giấy phép xây dựng", "Quyết định")
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x".split()
_RHYMES = (
    "a á à ả ã ạ ăn ắn ằn ân ấn ần an án àn ang áng àng anh ánh ành ao áo ào ê ế ề ên ến ền "
    "i í ì inh ính ình iên iến iền o ó ò ong óng òng ô ố ồ ông ống ồng ơ ớ ờ u ú ù ư ứ ừ ương ướng"
).split()
SYLLABLES = tuple(onset + rhyme for rhyme in _RHYMES for onset in _ONSETS)
_FIRST = datetime(2022, 1, 3, 1, tzinfo=UTC)


class Paper(NamedTuple):
    """What a row is made from."""

    number: int
    id: str
    owner: str
    kind: int
    page: str


def drawn(count: int) -> Iterator[Paper]:
    """The papers of the set, always the same ones."""
    rng = random.Random(_SEED)
    ranks = list(accumulate(1 / rank for rank in range(1, len(SYLLABLES) + 1)))
    for number in range(count):
        kind = rng.randrange(len(_TYPES))
        words = rng.choices(SYLLABLES, cum_weights=ranks, k=WORDS_PER_PAGE)
        yield Paper(
            number,
            str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))),
            owner(number // PAPERS_PER_OWNER),
            kind,
            f"{_TITLES[kind]}\nSố: {number}/GKS\n" + " ".join(words),
        )


def owner(number: int) -> str:
    """The personal number of an invented owner."""
    return f"0330{number:08d}"


def fill(here: House, count: int) -> None:
    """Write the set into an empty registry; indexes of words are made at the end."""
    postgresql = not here.registry.url.startswith("sqlite")
    with here.registry.begin() as db:
        if postgresql:
            db.execute(text("DROP INDEX ix_paper_pages_words"))
        db.execute(lots.insert().values(id="lo", manifest={}, created_at=_FIRST))
    for batch in _batched(drawn(count), _BATCH):
        with here.registry.begin() as db:
            _put(db, here, batch, postgresql=postgresql)
    with here.registry.begin() as db:
        if postgresql:
            db.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
            db.execute(text("CREATE INDEX ix_paper_pages_words ON paper_pages USING gin (words)"))
        db.execute(text("ANALYZE"))
    if postgresql:  # as its own housekeeping does within the day
        with create_engine(here.registry.url, isolation_level="AUTOCOMMIT").connect() as server:
            server.execute(text("VACUUM ANALYZE"))


def _put(db: Connection, here: House, batch: Sequence[Paper], *, postgresql: bool) -> None:
    owners = {paper.owner: here.owner_hash(paper.owner) for paper in batch}
    new = [p for p in batch if p.number % _PER_SCAN == 0]
    if new:
        db.execute(scans.insert(), [_scan(paper.number // _PER_SCAN) for paper in new])
    db.execute(papers.insert(), [_row(paper, owners[paper.owner]) for paper in batch])
    db.execute(
        holdings.insert(),
        [{"paper_id": p.id, "verdict": "sound", "shelved_at": _FIRST} for p in batch],
    )
    pages: list[dict[str, Any]] = [
        {"number": p.number + 1, "paper_id": p.id, "page": 1, "text": p.page} for p in batch
    ]
    for row in pages:
        words = words_of(row["text"])
        row["words"] = (
            " ".join(f"'{word}':{place}" for place, word in enumerate(words, start=1))
            if postgresql
            else " ".join(words)
        )
    if postgresql:
        db.execute(text(_PAGE.format("CAST(:words AS tsvector)")), pages)
        return
    db.execute(text(_PAGE.format("NULL")), pages)
    db.execute(text("INSERT INTO paper_words(rowid, words) VALUES (:number, :words)"), pages)


_PAGE = (
    "INSERT INTO paper_pages(number, paper_id, page, text, words) "
    "VALUES (:number, :paper_id, :page, :text, {})"
)


def _scan(number: int) -> dict[str, Any]:
    return {
        "id": f"{number:064x}",
        "lot_id": "lo",
        "name": f"{number}.pdf",
        "key": f"lo/{number}.pdf",
        "size_bytes": 1,
        "facts": {"name": f"{number}.pdf"},
        "state": "done",
        "split": 1,
        "epoch": 1,
        "received_at": _FIRST,
    }


def _row(paper: Paper, owner_hash: str) -> dict[str, Any]:
    at = _FIRST + timedelta(minutes=paper.number)
    fields = {name: {"value": None} for name in FIELD_NAMES} | {
        "title": {"value": _TITLES[paper.kind]},
        "scope": {"value": "Toàn quốc"},
    }
    row = {column.name: None for column in metadata.tables["papers"].columns}
    return row | {
        "id": paper.id,
        "scan_id": f"{paper.number // _PER_SCAN:064x}",
        "split": 1,
        "position": paper.number % _PER_SCAN,
        "pages": [1],
        "state": "archived",
        "unit": "H31",
        "dossier": f"000.00.00.H31-{at:%y%m%d}-{paper.number % 10_000:04d}",
        "signed": f"{paper.number + 2**40:064x}",
        "description": {"type": {"id": _TYPES[paper.kind]}, "fields": fields},
        "type_id": _TYPES[paper.kind],
        "number": f"{paper.number}/GKS",
        "title": _TITLES[paper.kind],
        "issuer": "UBND xã Mẫu",
        "issue_date": at.date(),
        "owner_hash": owner_hash,
        "likeness": f"{paper.number:064x}",
        "code": f"ma-{paper.number}",
        "archive_version": 1,
        "archived_at": at,
        "created_at": at,
        "updated_at": at,
    }


def _batched(rows: Iterable[Paper], size: int) -> Iterator[list[Paper]]:
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


if __name__ == "__main__":  # a look at the text
    print(json.dumps([paper._asdict() for paper in drawn(2)], ensure_ascii=False, indent=1))
