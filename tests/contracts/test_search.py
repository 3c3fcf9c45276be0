"""The same words find the same papers on every database, with and without diacritics."""

from datetime import UTC, datetime

import pytest

from domain.lot import LotManifest, UploadFacts
from domain.states import PaperState
from storage.registry import papers, search, uploads

NOW = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
TEXTS = (
    "Đơn đề nghị tìm kiếm hồ sơ, số 12/2026",
    "Giấy ĐĂNG KÝ kết hôn của ông Trần Đức Ướt",
    "kiem tim: hai chữ ngược; đăng bạ, ký tên",
    "1e5 0x1f 007 a-b_c 'nháy' \\ & | ! <-> :* NEAR AND OR NOT",
    "",
)
QUERIES = {
    "tìm kiếm": [2, 0],
    "tim kiem": [2, 0],
    '"tim kiem"': [0],
    "dang ky": [2, 1],
    '"đăng ký"': [1],
    "ĐỨC ướt": [1],
    "1e5 0x1f 007": [3],
    '"a b c"': [3],
    "near and or not": [3],
    "' OR 1=1 --": [],
    '"': [],
    "khongco": [],
}


@pytest.fixture
def registry(registry):
    with registry.begin() as db:
        uploads.open_lot(db, LotManifest(lot="lot"), at=NOW)
        facts = UploadFacts(name="a.pdf")
        uploads.register_upload(
            db, "lot", facts, scan_id="0" * 64, key="lot/a.pdf", size_bytes=7, at=NOW
        )
        for place, content in enumerate(TEXTS):
            papers.add(
                db,
                paper_id=f"p{place}",
                scan_id="0" * 64,
                split=1,
                position=place,
                pages=[1],
                unit=None,
                dossier=None,
                at=NOW,
            )
            papers.move(db, f"p{place}", PaperState.ARCHIVED, at=NOW)
            search.put(db, f"p{place}", [content])
    return registry


@pytest.mark.parametrize(("query", "expected"), QUERIES.items())
def test_a_query_finds_the_same_everywhere(registry, query, expected):
    with registry.read() as db:
        found = [row["id"] for row in search.find(db, query)]
    assert found == [f"p{place}" for place in expected]


def test_pages_of_results_go_on_where_the_last_ended(registry):
    with registry.read() as db:
        (first,) = search.find(db, "dang ky", limit=1)
        (second,) = search.find(db, "dang ky", limit=1, before=first["place"])
        assert search.find(db, "dang ky", before=second["place"]) == []
    assert [first["id"], second["id"]] == ["p2", "p1"]


def test_what_is_indexed_anew_is_found_by_its_new_words_only(registry):
    with registry.begin() as db:
        search.put(db, "p0", ["chữ mới"])
        assert [row["id"] for row in search.find(db, "chu moi")] == ["p0"]
        assert search.find(db, '"tim kiem"') == []
        search.remove(db, "p0")
        assert search.find(db, "chu moi") == []


def test_a_word_that_statistics_do_not_name_is_rare(registry):
    """PostgreSQL then looks it up; SQLite's index needs no such help."""
    if registry.url.startswith("sqlite"):
        pytest.skip("SQLite's index needs no statistics")
    with registry.begin() as db:
        assert search._has_rare_word(db, [["giay"]])
        for place in range(60):
            search.put(db, "p0", [f"giấy khai sinh {place}"] * 3)
        db.exec_driver_sql("ANALYZE paper_pages")
    with registry.read() as db:
        assert not search._has_rare_word(db, [["giay", "khai"], ["sinh"]])
        assert search._has_rare_word(db, [["giay"], ["636277"]])
