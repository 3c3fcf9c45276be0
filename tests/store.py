"""A data store with archived papers, written without reading any scan: real archive, real registry.

What the line would have written, for tests of what comes after it.
"""

import json
import shutil
import uuid
from contextlib import contextmanager
from datetime import timedelta

from domain.identity import paper_object_id
from domain.lot import LotManifest, UploadFacts
from domain.record import FIELD_NAMES, Description, FieldValue, TypeGuess
from domain.states import PaperState
from domain.words import Box, PageText, Word
from storage.registry import papers, uploads
from storage.registry.schema import papers as table
from tasks.house import house

OWNER = "033090001234"


@contextmanager
def installed(folder, monkeypatch, keys):
    """A fresh installation without a reading pool: nothing is read here."""
    shutil.copytree(keys, folder / "home" / "keys")
    monkeypatch.setenv("SOHOA_HOME", str(folder / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.chdir(folder)
    house.cache_clear()
    house().registry.migrate()
    try:
        yield house()
    finally:
        house().registry.close()
        house.cache_clear()


def archive_paper(number, *, text="Nội dung", **facts):
    """Archive one paper; its id. Facts: columns of the registry, `owner`, `verdict`."""
    here = house()
    here.registry.migrate()
    here.archive.prepare()
    paper_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"paper-{number}"))
    scan_id = f"{number:064x}"
    at = here.now() - timedelta(minutes=1000 - number)
    owner = facts.pop("owner", OWNER)
    owner_hash = here.owner_hash(owner)
    values = {
        "type_id": "giay-khai-sinh",
        "title": "GIẤY KHAI SINH",
        "number": f"{number}/2026",
        "issuer": "UBND xã Mẫu",
        "code": f"ma-{number}",
        "dossier": None,
        "signed": f"{number + 10_000:064x}",
        **facts,
    }
    verdict = values.pop("verdict", "sound")
    state = values.pop("state", PaperState.ARCHIVED)
    told = {
        "title": values["title"],
        "number": values["number"],
        "issuer": values["issuer"],
        "owner_id": owner,
        "scope": "Toàn quốc",
    }
    fields = {name: FieldValue(value=told.get(name)) for name in FIELD_NAMES}
    described = Description(type=TypeGuess(id=values["type_id"]), fields=fields)
    record = {
        "fields": described.model_dump(mode="json")["fields"],
        "signatures": {"verdict": verdict},
        "archived_at": at.isoformat(timespec="seconds"),
    }
    with here.scratch() as folder:
        files = {
            "paper.pdf": b"%PDF-1.7 " + str(number).encode(),
            "record.json": json.dumps(record).encode(),
            "text.json": json.dumps({"pages": [page_text(text)]}).encode(),
        }
        for name, content in files.items():
            (folder / name).write_bytes(content)
        here.archive.commit(
            paper_object_id(paper_id),
            {name: folder / name for name in files},
            created=at,
            message="thử",
            user_name="thử",
            user_address="urn:thu",
        )
    with here.registry.begin() as db:
        uploads.open_lot(db, LotManifest(lot="lot"), at=at)
        uploads.register_upload(
            db,
            "lot",
            UploadFacts(name=f"{number}.pdf"),
            scan_id=scan_id,
            key=f"lot/{number}.pdf",
            size_bytes=7,
            at=at,
        )
        papers.add(
            db,
            paper_id=paper_id,
            scan_id=scan_id,
            split=1,
            position=0,
            pages=[1],
            unit="H31",
            dossier=values.pop("dossier"),
            at=at,
        )
        db.execute(
            table.update()
            .where(table.c.id == paper_id)
            .values(
                state=state,
                archived_at=at,
                archive_version=1,
                owner_hash=owner_hash,
                description=described.model_dump(mode="json"),
                **values,
            )
        )
    return paper_id


def page_text(text):
    """A page as the reader gives it, one line of words."""
    words = [
        Word(text=word, box=Box(x=10 * place, y=0, width=9, height=9), confidence=0.9, line=1)
        for place, word in enumerate(text.split())
    ]
    page = PageText(page=1, width=1000, height=1000, dpi=200, words=tuple(words))
    return page.model_dump(mode="json")
