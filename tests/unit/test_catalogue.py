"""The catalogue: what it must hold, what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogues import load_catalogue
from catalogues.loader import TYPES_FILE, UNITS_FILE
from domain.errors import ConfigurationFault

NATIONAL_CODES = {
    "giay-khai-sinh": "KQ.G15.000031",
    "giay-chung-nhan-ket-hon": "KQ.G15.000032",
    "trich-luc-thay-doi-cai-chinh-ho-tich": "KQ.G15.000037",
}


def test_all_types_of_decree_30_are_there() -> None:
    """NĐ 30/2020/NĐ-CP Đ7 names 29 types; two of them are usually handed in, not issued."""
    types = load_catalogue().types
    named = [entry for entry in types if "NĐ 30/2020" in entry.source]
    assert len(named) == 29


def test_national_codes_are_only_those_that_a_source_gives() -> None:
    """A code that nobody has seen is never invented."""
    given = {entry.id: entry.code for entry in load_catalogue().types if entry.code}
    assert given == NATIONAL_CODES


def test_every_province_has_its_identifier_and_the_sample_commune_says_it_is_one() -> None:
    """63 identifiers of level 1, and one invented unit under Hưng Yên."""
    catalogue = load_catalogue()
    provinces = [unit for unit in catalogue.units if unit.level == "province"]
    sample = catalogue.unit("H31.12")
    assert len(provinces) == 63
    assert catalogue.unit("H31").name == "Tỉnh Hưng Yên"
    assert (sample.name, sample.parent, sample.sample) == ("Xã Tân Hòa", "H31", True)


def test_a_symbol_leads_to_its_type_whatever_ocr_did_to_its_diacritics() -> None:
    """QD is QĐ; UBND is no type."""
    catalogue = load_catalogue()
    assert catalogue.type_of_symbol("QD").id == "quyet-dinh"
    assert catalogue.type_of_symbol("TTr").id == "to-trinh"
    assert catalogue.type_of_symbol("UBND") is None


def test_an_installation_adds_and_replaces_entries(tmp_path: Path) -> None:
    """Entries of the override folder win by id; the others stay."""
    (tmp_path / TYPES_FILE).write_text(
        '[[type]]\nid = "quyet-dinh"\nname = "Quyết định"\ngroup = "administrative"\n'
        'titles = ["QUYẾT ĐỊNH"]\nretention_years = 70\n'
        '[[type]]\nid = "giay-moi-hop"\nname = "Giấy mời họp"\ngroup = "administrative"\n',
        encoding="utf-8",
    )
    catalogue = load_catalogue(tmp_path)
    assert catalogue.type("quyet-dinh").retention_years == 70
    assert catalogue.type("giay-moi-hop").name == "Giấy mời họp"
    assert len(catalogue.types) == len(load_catalogue().types) + 1


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        (TYPES_FILE, "[[type]]\nid = ", "document_types.toml"),
        (TYPES_FILE, '[[type]]\nid = "a"\nname = "A"\ngroup = "other"', "«a»"),
        (TYPES_FILE, '[[type]]\nid = "a"\nname = "A"\ngroup = "input"\nsymbool = "A"', "symbool"),
        (TYPES_FILE, '[[type]]\nid = "a"\nname = "A"\ngroup = "input"\ncode = "31"', "«31»"),
        (
            TYPES_FILE,
            '[[type]]\nid = "a"\nname = "A"\ngroup = "input"\n' * 2,
            "mã bị lặp: a",
        ),
        (
            TYPES_FILE,
            '[[type]]\nid = "a"\nname = "A"\ngroup = "input"\ncode = "KQ.G15.000031"',
            "nhiều loại",
        ),
        (
            UNITS_FILE,
            '[[unit]]\nid = "H31.7"\nname = "Xã B"\nlevel = "commune"\nparent = "H99"',
            "H99",
        ),
        (UNITS_FILE, '[[unit]]\nid = "31"\nname = "Xã B"\nlevel = "commune"', "«31»"),
        (UNITS_FILE, "[types]\na = 1", "units.toml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_entry_named(
    tmp_path: Path, name: str, text: str, named: str
) -> None:
    """The administrator learns which file and which entry to mend."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationFault, match=named.replace(".", r"\.")):
        load_catalogue(tmp_path)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """A misspelt setting is not an empty override."""
    with pytest.raises(ConfigurationFault, match="thư mục"):
        load_catalogue(tmp_path / "none")
