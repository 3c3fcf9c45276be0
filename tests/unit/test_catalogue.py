"""The catalogue: what it must hold, what it refuses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from catalogues import load_catalogue
from catalogues.cross_checks import confusable_titles
from catalogues.loader import AGENCIES_FILE, TYPES_FILE, UNITS_FILE, check_catalogue
from domain.errors import ConfigurationFault
from domain.identifiers import LEGACY_PROVINCE_CODES

PROCEDURES, DECISIONS, RETENTION = "procedures.toml", "decisions.toml", "retention.toml"
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


def test_the_catalogue_holds_what_one_stop_shops_meet() -> None:
    """At least 30 results and 10 inputs, each with its titles and fields of its own."""
    types = load_catalogue().types
    assert sum(entry.group == "result" for entry in types) >= 30
    assert sum(entry.group == "input" for entry in types) >= 10
    assert [e.id for e in types if e.group == "result" and not (e.titles and e.fields)] == []
    assert [e.id for e in types if not e.source] == []


def test_every_former_province_has_its_identifier_and_the_sample_commune_says_it_is_one() -> None:
    """63 identifiers of level 1, and invented units under Hưng Yên."""
    catalogue = load_catalogue()
    given = [u.id for u in catalogue.units if u.level == "province" and not u.local]
    sample = catalogue.unit("H31.12")
    assert given == [f"H{number:02}" for number in range(1, 64)]
    assert catalogue.unit("H31").name == "Tỉnh Hưng Yên"
    assert (sample.name, sample.parent, sample.sample) == ("Xã Tân Hòa", "L-hung-yen", True)
    assert [unit.id for unit in catalogue.units if unit.remote] == ["H31.13"]


@pytest.mark.parametrize(
    ("day", "count"), [(date(2024, 12, 31), 63), (date(2025, 6, 30), 63), (date(2025, 7, 1), 34)]
)
def test_as_many_provinces_exist_on_a_day_as_there_were(day: date, count: int) -> None:
    """63 until the reform, 34 after it (NQ 202/2025/QH15)."""
    provinces = [u for u in load_catalogue().units if u.level == "province" and u.exists_on(day)]
    assert len(provinces) == count


def test_every_former_province_leads_to_exactly_one_of_today() -> None:
    """No province was divided, none was lost."""
    catalogue = load_catalogue()
    old, new = date(2025, 6, 30), date(2025, 7, 1)
    former = [u for u in catalogue.units if u.level == "province" and u.exists_on(old)]
    today = [catalogue.units_on(unit.id, new) for unit in former]
    assert {len(units) for units in today} == {1}
    assert len({units[0].id for units in today}) == 34
    assert catalogue.units_on("H43", new)[0].name == "Tỉnh Khánh Hòa"
    assert catalogue.lineage("L-ninh-binh") == ("L-ninh-binh", "H42", "H25", "H40")


def test_a_former_district_has_no_unit_of_its_own_today_and_a_commune_has() -> None:
    """The level ended; communes were joined."""
    catalogue = load_catalogue()
    today = date(2026, 11, 2)
    assert catalogue.units_on("H31.5", today) == ()
    assert [unit.id for unit in catalogue.units_on("H31.5.22", today)] == ["H31.12"]
    assert catalogue.units_on("H31.12", date(2024, 1, 1)) == ()
    assert catalogue.units_on("H99", today) == ()


def test_digits_of_personal_numbers_follow_a_province_through_its_merger() -> None:
    """A birth registered in today's Gia Lai may carry the digits of either former province."""
    catalogue = load_catalogue()
    assert catalogue.province_codes("L-gia-lai") == {"064", "052"}
    codes = [catalogue.province_codes(unit.id) for unit in catalogue.units if not unit.parent]
    assert {code for found in codes for code in found} == LEGACY_PROVINCE_CODES


def test_symbols_that_differ_by_a_stroke_alone_stay_apart() -> None:
    """HĐ is a contract, HD a guidance; DA a project, ĐA a scheme."""
    catalogue = load_catalogue()
    found = [catalogue.type_of_symbol(symbol).id for symbol in ("HĐ", "HD", "DA", "ĐA")]
    assert found == ["hop-dong", "huong-dan", "du-an", "de-an"]


def test_titles_that_ocr_may_confuse_are_named() -> None:
    """ĐỀ ÁN and DỰ ÁN are one letter apart once their marks are lost."""
    pairs = {(pair.first, pair.second) for pair in confusable_titles(load_catalogue())}
    assert ("de-an", "du-an") in pairs
    assert ("giay-khai-sinh", "giay-phep-lai-xe") not in pairs


def test_every_type_has_a_retention_class_and_a_lock_that_ends_in_time() -> None:
    """A lock may not outlast the retention."""
    catalogue = load_catalogue()
    day = date(2024, 2, 29)
    for entry in catalogue.types:
        kept = catalogue.retention_of(entry.id)
        lock, end = kept.lock_until(day), kept.keep_until(day)
        assert lock > day
        assert end is None or lock <= end


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
        'titles = ["QUYẾT ĐỊNH"]\nretention = "years-70"\n'
        '[[type]]\nid = "giay-moi-hop"\nname = "Giấy mời họp"\ngroup = "administrative"\n',
        encoding="utf-8",
    )
    catalogue = load_catalogue(tmp_path)
    assert catalogue.type("quyet-dinh").retention == "years-70"
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


def entry(table: str, *lines: str) -> str:
    """A TOML entry, its header on line 1."""
    return "\n".join((f"[[{table}]]", *lines))


def paper(*lines: str) -> str:
    """A type of paper whose own lines begin at line 5."""
    return entry("type", 'id = "a"', 'name = "A"', 'group = "input"', *lines)


def unit(name: str, level: str, *lines: str) -> str:
    """A unit whose own lines begin at line 5."""
    return entry("unit", 'id = "L-b"', f'name = "{name}"', f'level = "{level}"', *lines)


def procedure(*lines: str) -> str:
    """A procedure whose own lines begin at line 5."""
    return entry("procedure", 'id = "b"', 'name = "B"', 'levels = ["commune"]', *lines)


def component(name: str, rule: str) -> str:
    """Five lines."""
    lines = (f'id = "{name}"', 'name = "C"', 'ground = "request"', f'rule = "{rule}"')
    return entry("procedure.component", *lines)


def decision(part: str, *lines: str) -> str:
    """A line of the decided list whose own lines begin at line 6."""
    case = ('id = "b"', 'procedure = "dang-ky-ket-hon"', f'component = "{part}"', 'rule = "must"')
    return entry("decision", *case, 'document = "QĐ"', *lines)


BAD_FIELD = ("fields = [", '  { id = "b", kind = "text", label = "B" },', '  { id = "c" },', "]")
LINES = [
    (TYPES_FILE, 5, "titles: «QUYẾT ĐỊNH»", paper('titles = ["QUYẾT ĐỊNH"]')),
    (TYPES_FILE, 5, "retention", paper('retention = "x"')),
    (TYPES_FILE, 5, "issuers", paper('issuers = ["x"]')),
    (TYPES_FILE, 1, "owner", paper('owner = "x"')),
    (TYPES_FILE, 5, "chính quy", paper('number_form = "("')),
    (TYPES_FILE, 5, "cú pháp", paper("symbol = = 1")),
    (UNITS_FILE, 4, "cấp huyện", unit("Huyện B", "district")),
    (UNITS_FILE, 5, "đã kết thúc", unit("Huyện B", "district", "valid_until = 2025-07-01")),
    (UNITS_FILE, 5, "cấp cao hơn", unit("Xã B", "commune", 'parent = "H31.12"')),
    (
        UNITS_FILE,
        6,
        "cùng tồn tại",
        unit("Xã B", "commune", "valid_from = 2025-07-01", 'parent = "H31"'),
    ),
    (
        UNITS_FILE,
        6,
        "sau ngày bắt đầu",
        unit("Tỉnh B", "province", "valid_from = 2025-06-30", 'predecessors = ["H31"]'),
    ),
    (AGENCIES_FILE, 4, "trước", entry("agency", 'id = "b"', 'name = "B"', 'predecessors = ["x"]')),
    (PROCEDURES, 5, "giay-la", procedure('results = ["giay-la"]')),
    (PROCEDURES, 5, "1.000894", procedure('code = "1.000894"')),
    (PROCEDURES, 10, "component.1", procedure(component("c", "may"), component("d", "soon"))),
    (DECISIONS, 4, "không có thành phần", decision("x")),
    (DECISIONS, 7, "TT 01/2023", decision("to-khai", 'submitted = ["certified_copy"]')),
    (RETENTION, 1, "lock", entry("class", 'id = "b"', 'name = "B"', "years = 5", "lock_years = 6")),
]


def test_a_mistake_in_a_list_is_named_at_its_item(tmp_path: Path) -> None:
    """The second of two fields lacks two keys."""
    (tmp_path / TYPES_FILE).write_text(paper(*BAD_FIELD), encoding="utf-8")
    faults = check_catalogue(tmp_path).faults
    assert [(fault.line, fault.message) for fault in faults] == [
        (7, "fields.1.kind: thiếu mục này"),
        (7, "fields.1.label: thiếu mục này"),
    ]


@pytest.mark.parametrize(("name", "line", "named", "text"), LINES)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, name: str, line: int, named: str, text: str
) -> None:
    """The administrator opens the file at the line that is wrong."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    (fault,) = check_catalogue(tmp_path).faults
    assert (fault.file, fault.line) == (str(tmp_path / name), line)
    assert named in str(fault)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """One run of check is enough, even where a file is beyond reading."""
    (tmp_path / TYPES_FILE).write_text('[[type]]\nid = "a"\ngroup = "x"\nsymbool = "A"', "utf-8")
    (tmp_path / UNITS_FILE).write_text("[[unit]", encoding="utf-8")
    (tmp_path / "unit.toml").write_text("", encoding="utf-8")
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "x.toml").write_text("a = 1", encoding="utf-8")
    text = "\n".join(str(fault) for fault in check_catalogue(tmp_path).faults)
    told = (
        "name: thiếu",
        "group: «x» phải",
        "symbool: không",
        "units.toml:1",
        "unit.toml: tên",
        "x.toml",
    )
    assert [named for named in (*told, "x.toml") if named not in text] == []


def test_entries_may_be_spread_over_a_folder(tmp_path: Path) -> None:
    """A province with 100 communes keeps them in files of their own; ids stay unique over all."""
    (tmp_path / "units").mkdir()
    commune = (
        '[[unit]]\nid = "H31.{0}"\nname = "Xã {0}"\nlevel = "commune"\nparent = "L-hung-yen"\n'
    )
    for number in (21, 22):
        (tmp_path / "units" / f"{number}.toml").write_text(commune.format(number), encoding="utf-8")
    assert load_catalogue(tmp_path).unit("H31.22").name == "Xã 22"
    (tmp_path / "units.toml").write_text(commune.format(22), encoding="utf-8")
    assert "bị lặp" in str(check_catalogue(tmp_path).faults)
