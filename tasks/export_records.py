"""Records of archived papers for analysis: CSV, JSON lines or Parquet, row by row.

Owners are masked, in their identifiers and in codes, unless they are asked for with a purpose;
either way who took the records away stands in the audit.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.access import Access
from domain.errors import AlreadyExists, Unavailable
from domain.masking import mask
from domain.record import Description
from domain.spreadsheet import neutral
from domain.states import PaperState
from storage.registry import audit, lifecycle
from tasks.house import VIETNAM, House, house

Format = Literal["csv", "jsonl", "parquet"]
COLUMNS = (
    "id",
    "code",
    "result_code",
    "state",
    "type",
    "type_code",
    "owner_id",
    "title",
    "number",
    "issue_date",
    "issuer",
    "subject",
    "valid_until",
    "scope",
    "unit",
    "dossier",
    "pages",
    "archived_at",
    "archive_version",
)
_BATCH = 1000
Row = dict[str, str | int | None]


class Records(BaseModel):
    """What was written."""

    model_config = ConfigDict(frozen=True)

    file: Path
    rows: int
    owners: bool


def export_records(target: Path, form: Format, access: Access, *, owners: bool = False) -> Records:
    """Write one row per archived paper (also withdrawn and superseded ones) into a new file.

    The file has mode 0600 and appears whole or not at all. With `owners` it tells identifiers and
    codes in clear. AlreadyExists where the file is there.
    """
    here = house()
    here.registry.migrate()
    if target.exists():
        raise AlreadyExists(f"Đã có {target}; chọn tên khác (-o).")
    write = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}[form]
    with _appearing(target) as part:
        count = write(part, _rows(here, owners=owners))
        with here.registry.begin() as db:  # before the file is there: nobody takes it unseen
            audit.append(
                db,
                "exported:records",
                form,
                actor=access.requester,
                at=here.now(),
                purpose=access.purpose,
                rows=count,
                owners=owners,
            )
    return Records(file=target, rows=count, owners=owners)


def _rows(here: House, *, owners: bool) -> Iterator[Row]:
    after = ""
    while True:
        with here.registry.read() as db:
            batch = lifecycle.archived_page(db, after=after, limit=_BATCH)
        yield from (_row(here, one, owners=owners) for one in batch)
        if len(batch) < _BATCH:
            return
        after = batch[-1]["id"]


def _row(here: House, row: RowMapping, *, owners: bool) -> Row:
    description = Description.model_validate(row["description"])
    owner, code = description.value("owner_id"), row["code"]
    shown: Callable[[str], str] = str if owners else here.codes.masked
    return {
        "id": row["id"],
        "code": shown(code) if code else None,
        "result_code": row["result_code"],
        "state": str(PaperState(row["state"])),
        "type": row["type_id"],
        "type_code": description.value("type_code"),
        "owner_id": owner if owners else mask(owner),
        "title": description.value("title"),
        "number": description.value("number"),
        "issue_date": description.value("issue_date"),
        "issuer": description.value("issuer"),
        "subject": description.value("subject") if owners else None,  # may name persons
        "valid_until": description.value("valid_until"),
        "scope": description.value("scope"),
        "unit": row["unit"],
        "dossier": row["dossier"],
        "pages": len(row["pages"]),
        "archived_at": row["archived_at"].astimezone(VIETNAM).isoformat(timespec="seconds"),
        "archive_version": row["archive_version"],
    }


def _csv(part: Path, rows: Iterator[Row]) -> int:
    count = 0
    with part.open("w", encoding="utf-8-sig", newline="") as stream:  # Excel wants the mark
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        for row in rows:
            writer.writerow({k: neutral(v) if isinstance(v, str) else v for k, v in row.items()})
            count += 1
    return count


def _jsonl(part: Path, rows: Iterator[Row]) -> int:
    count = 0
    with part.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(f"{json.dumps(row, ensure_ascii=False)}\n")
            count += 1
    return count


def _parquet(part: Path, rows: Iterator[Row]) -> int:
    import pyarrow as pa  # slow to import
    from pyarrow import parquet

    numbers = {"pages", "archive_version"}
    kinds = [(name, pa.int32() if name in numbers else pa.string()) for name in COLUMNS]
    schema = pa.schema(kinds)
    count = 0
    with parquet.ParquetWriter(part, schema) as writer:
        for batch in _batches(rows):
            writer.write_table(pa.Table.from_pylist(batch, schema))
            count += len(batch)
    return count


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A file beside the target that takes its place at the end, or goes."""
    part = target.with_name(f".{target.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb"):
            pass
        yield part
        part.replace(target)
    except OSError as error:
        raise Unavailable(
            f"Không ghi được {target}: {error.strerror}. Kiểm tra thư mục và dung lượng."
        ) from error
    finally:
        part.unlink(missing_ok=True)
