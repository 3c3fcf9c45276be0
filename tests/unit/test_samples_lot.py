"""The sample lot: what issue A asks of it is in its files, and the truth names every file."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from deployments.samples import files, lot, plan
from deployments.samples.truth import LotTruth
from domain.lot import LotManifest

FRESH_EACH_TIME = {"encrypted", "signed"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lot, drawn once for this module."""
    place = tmp_path_factory.mktemp("lot")
    lot.draw_lot(place, seed=7)
    return place


@pytest.fixture(scope="module")
def truth(folder: Path) -> LotTruth:
    return LotTruth.model_validate_json((folder / lot.TRUTH_NAME).read_text("utf-8"))


def test_truth_manifest_and_folder_name_the_same_files(folder: Path, truth: LotTruth) -> None:
    """No file is forgotten in any of the three."""
    manifest = LotManifest.model_validate_json((folder / lot.MANIFEST_NAME).read_text("utf-8"))
    listed = sorted(file.name for file in manifest.files)
    written = {path.name for path in folder.iterdir()}
    assert listed == sorted(file.name for file in truth.files)
    assert written == {*listed, lot.TRUTH_NAME, lot.MANIFEST_NAME, lot.FIGURES_NAME}


def test_the_lot_is_large_and_varied_enough(truth: LotTruth) -> None:
    """At least 14 scans, 28 pages, 8 types; every outcome occurs."""
    types = {file.paper.type_id for file in truth.files if file.outcome == "archived"}
    assert len(truth.files) >= 14
    assert sum(len(file.paper.pages) for file in truth.files) >= 28
    assert len(types) >= 8
    assert Counter(file.outcome for file in truth.files).keys() == {
        "archived",
        "review",
        "set_aside",
        "duplicate",
    }
    assert any(page.blank for file in truth.files for page in file.paper.pages)
    assert any(page.rotation == 180 for file in truth.files for page in file.paper.pages)


def test_readable_files_have_the_pages_of_their_truth(folder: Path, truth: LotTruth) -> None:
    """PDF and TIFF hold as many pages as the truth says, and PDFs hold no drawn text."""
    for file in truth.files:
        path = folder / file.name
        if file.outcome == "set_aside":
            continue
        if path.suffix == ".pdf":
            with pikepdf.open(path) as pdf:
                assert len(pdf.pages) == len(file.paper.pages)
                assert all("/Font" not in page.resources for page in pdf.pages)
        else:
            with Image.open(path) as image:
                assert getattr(image, "n_frames", 1) == len(file.paper.pages)
                assert image.info["dpi"][0] == pytest.approx(file.dpi, abs=1)


def test_the_bad_files_are_bad_in_the_way_they_claim(folder: Path, truth: LotTruth) -> None:
    """One asks for a password, one has lost its end, one repeats another's bytes."""
    names = {file.reason: file.name for file in truth.files if file.outcome == "set_aside"}
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(folder / names["encrypted"])
    with pikepdf.open(folder / names["encrypted"], password=plan.PASSWORD) as pdf:
        assert pdf.encryption.R == 6
    assert b"%%EOF" not in (folder / names["truncated"]).read_bytes()[-1024:]
    for copy, first in plan.DUPLICATES.items():
        assert (folder / copy).read_bytes() == (folder / first).read_bytes()


def test_the_signed_scan_carries_a_sound_signature(folder: Path) -> None:
    """The signature covers the file as it is; only its signer is unknown."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature

    name = next(scan.name for scan in plan.SCANS if scan.accident == "signed")
    with (folder / name).open("rb") as stream:
        (signature,) = PdfFileReader(stream).embedded_signatures
        status = validate_pdf_signature(signature)
    assert status.intact
    assert status.valid
    assert not status.trusted


def test_results_carry_dossiers_of_their_unit(folder: Path, truth: LotTruth) -> None:
    """Each result paper has a dossier code; administrative documents have none."""
    manifest = LotManifest.model_validate_json((folder / lot.MANIFEST_NAME).read_text("utf-8"))
    for file in truth.files:
        facts = manifest.upload(file.name)
        if file.paper.fields.owner_id is None:
            assert facts.dossier is None
        else:
            unit = "00" if facts.unit == "H31" else "12"
            assert facts.dossier is not None
            assert re.fullmatch(rf"000\.00\.{unit}\.H31-261102-\d{{4}}", facts.dossier)


def test_rates_have_a_denominator_above_what_the_lot_resolves(folder: Path) -> None:
    """Both levels have resolved more dossiers in the year than this lot brings."""
    rows = (folder / lot.FIGURES_NAME).read_text("utf-8").splitlines()
    assert rows[0] == "unit,level,year,indicator,value"
    for row in rows[1:]:
        unit, _level, year, indicator, value = row.split(",")
        scans = [s for s in plan.SCANS if s.dossier and (s.unit or plan.COMMUNE_UNIT) == unit]
        assert (year, indicator) == ("2026", "dossiers_resolved")
        assert 0 < len(scans) < int(value)


def test_drawing_again_leaves_a_whole_lot_alone(folder: Path, truth: LotTruth) -> None:
    """The second call writes nothing and returns the same truth."""
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert lot.draw_lot(folder, seed=7) == truth
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_lot_that_lost_a_file_is_no_longer_whole(folder: Path, tmp_path: Path) -> None:
    """A missing file, another seed or a broken truth mean that the lot is drawn anew."""
    for path in folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    assert lot._already_drawn(tmp_path, 7) is not None
    assert lot._already_drawn(tmp_path, 8) is None
    (tmp_path / plan.SCANS[0].name).unlink()
    assert lot._already_drawn(tmp_path, 7) is None


@pytest.mark.parametrize("suffix", [".pdf", ".tif", ".png", ".jpg"])
def test_a_file_drawn_again_has_the_same_bytes(folder: Path, tmp_path: Path, suffix: str) -> None:
    """Every format repeats byte for byte; only the encrypted and the signed file do not."""
    position = max(
        number
        for number, scan in enumerate(plan.SCANS)
        if scan.name.endswith(suffix) and scan.accident not in FRESH_EACH_TIME
    )
    name = lot._write(tmp_path, 7, position).name
    assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_file_names_do_not_tell_what_is_in_them() -> None:
    """Names are a scanner's, so nothing can be learned from them."""
    names = [scan.name for scan in plan.SCANS] + list(plan.DUPLICATES)
    pattern = r"(scan|IMG_\d{8})_\d{4}(_quet_lai)?\.(pdf|tif|jpg|png)"
    assert all(re.fullmatch(pattern, name) for name in names)


def test_half_a_file_is_its_first_half() -> None:
    """The cut keeps the beginning."""
    assert files.cut_in_half(b"abcdef") == b"abc"


def test_the_manifest_is_plain_json() -> None:
    """It survives writing and reading, diacritics included."""
    text = json.dumps(lot.manifest(), ensure_ascii=False)
    assert "Nguyễn Văn An" in text
    assert json.loads(text) == lot.manifest()
