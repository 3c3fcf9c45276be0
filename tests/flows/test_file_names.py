"""Files are named after persons: no name of one stands where a run is watched or a log is read."""

import json
import logging
from types import SimpleNamespace

import pytest

from domain.masking import mask_file
from domain.summary import LotSummary, PaperCounts, PaperLine, ScanCounts, SetAside
from flows import progress, remarks
from storage.registry.schema import scans
from tasks.house import house
from tasks.plan_report import report
from tests.flows.counted import archived

PERSON = "nguyen-van-a"
SCAN = "3fa2c1d0" + "0" * 56


@pytest.fixture
def artifacts(monkeypatch):
    """All that the flows leave beside a run."""
    made = []
    for module in (remarks, progress):
        monkeypatch.setattr(module, "FlowRunContext", SimpleNamespace(get=object))
        monkeypatch.setattr(module, "remark", made.append)
        for kind in ("table", "markdown", "progress"):
            name = f"create_{kind}_artifact"
            if hasattr(module, name):
                monkeypatch.setattr(module, name, lambda **what: made.append(what))
    return made


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("nguyen-van-a-khai-sinh.PDF", "3fa2c1d0.pdf"),
        ("nguyen.van.a", "3fa2c1d0"),
        ("nguyen-van-a.pdf.an", "3fa2c1d0"),
    ],
)
def test_a_scan_is_shown_by_its_identity_and_kind(name, shown):
    assert mask_file(SCAN, name) == shown


def test_the_artifacts_of_a_lot_name_no_file(province, artifacts):
    del province
    line = PaperLine(
        id="p", scan_id=SCAN, scan=f"{PERSON}.pdf", type="", code="", owner="", pages=1, state=""
    )
    remarks.say(
        LotSummary(
            lot="lo-1",
            scans=ScanCounts(total=2),
            papers=PaperCounts(total=1),
            set_aside=(SetAside(id=SCAN, scan=f"{PERSON}.jpg", reason="x", message="hỏng"),),
            missing=(f"{PERSON}-2.pdf",),
            unfinished=(f"{PERSON}-3.pdf",),
            pages=1,
            seconds=1.0,
            progress=None,
            rows=(line,),
        )
    )
    text = json.dumps(artifacts, ensure_ascii=False)
    assert PERSON not in text
    assert "3fa2c1d0.pdf" in text
    assert "3fa2c1d0.jpg" in text
    assert "sohoa status lo-1" in text  # where the names are told to who may know them


def test_no_report_of_progress_names_a_file(province, artifacts, tmp_path):
    del province
    house().prepare()
    archived(1, "D0", state="in_review")
    with house().registry.begin() as db:
        db.execute(scans.update().values(name=f"{PERSON}.pdf"))
    now = report(None, "year", 2024, 1)
    progress.say(now, tmp_path)
    assert "00000000.pdf" in str(artifacts)
    assert PERSON not in str(artifacts) + now.model_dump_json()


def test_a_key_that_no_store_can_name_is_not_written_into_the_log(office, caplog):
    office.bring({"a.pdf": b"x"})
    folder = house().intake.root / "lo-1"
    (folder / f"{PERSON}\n.pdf").write_bytes(b"x")
    with caplog.at_level(logging.WARNING):
        list(house().intake.keys())
    assert "bỏ qua" in caplog.text
    assert PERSON not in caplog.text
