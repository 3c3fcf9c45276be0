"""Who has what on a day, what need not be scanned, what was used again; never without a reason."""

import json
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from deployments.api.app import app
from deployments.api.guard import RateLimit
from domain.access import Access
from domain.errors import NotFound, Undecided
from domain.states import PaperState
from storage.registry import audit
from storage.registry.schema import audit as audit_table
from tasks.clients import add_client, remove_client
from tasks.house import house
from tasks.lookup import link, lookup, lookup_all, opened
from tasks.lookup_text import excerpt, search_text
from tasks.need import need
from tasks.reuse import record_reuse, reuses_of_year
from tasks.shelve import shelve_new
from tests.store import OWNER, archive_paper, installed

ACCESS = Access(requester="Một cửa xã Mẫu", purpose="tiếp nhận hồ sơ D-1")
BODY = {"requester": "An", "purpose": "tiếp nhận hồ sơ D-1"}
DAY = date(2026, 11, 20)


@pytest.fixture
def place(tmp_path, monkeypatch, test_keys):
    """An installation of its own."""
    with installed(tmp_path, monkeypatch, test_keys) as here:
        yield here


@pytest.fixture
def client(place):
    """The API with a client's token."""
    house().prepare()
    token = add_client("mot-cua", per_minute=10_000, actor="thử")
    return TestClient(
        app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False
    )


def _rows(action):
    with house().registry.read() as db:
        query = select(audit_table).where(audit_table.c.action == action)
        assert audit.broken_at(db) is None
        return list(db.execute(query).mappings())


def test_a_look_shows_what_is_valid_and_marks_the_rest(place):
    valid = archive_paper(1, valid_until=DAY)
    gone = archive_paper(2, valid_until=DAY - timedelta(days=1))
    later = archive_paper(3, issue_date=DAY + timedelta(days=1))
    old = archive_paper(4, state=PaperState.SUPERSEDED)
    archive_paper(5, owner="033090999999")
    assert [p.id for p in lookup(ACCESS, "033 090 001 234", on=DAY)] == [valid]
    found = {p.id: p for p in lookup(ACCESS, OWNER, on=DAY, only_valid=False)}
    assert {key: p.standing for key, p in found.items()} == {
        valid: "valid",
        gone: "expired",
        later: "not_yet",
        old: "superseded",
    }
    assert found[valid].scope == "Toàn quốc"
    assert found[valid].signatures == "sound"
    assert found[old].link is None


def test_every_look_stands_in_the_audit_chain_without_the_identifier(place):
    paper = archive_paper(1)
    lookup(ACCESS, OWNER, on=DAY)
    (row,) = _rows("store:looked")
    assert row["actor"] == ACCESS.requester
    assert row["detail"]["purpose"] == ACCESS.purpose
    assert row["detail"]["papers"] == [paper]
    assert OWNER not in json.dumps([dict(row)], default=str)


@pytest.mark.parametrize("said", [{"requester": "", "purpose": "xem"}, {"requester": "An"}])
def test_nobody_looks_without_a_requester_and_a_purpose(said):
    with pytest.raises(ValueError):
        Access(**said)


def test_pages_of_a_long_answer_hold_every_paper_once(place):
    made = {archive_paper(number) for number in range(5)}
    seen, after = [], ""
    while page := lookup(ACCESS, OWNER, on=DAY, after=after, limit=2):
        seen += [p.id for p in page]
        after = page[-1].id
    assert len(seen) == 5
    assert set(seen) == made


def test_a_link_opens_the_file_for_some_minutes_only(place, monkeypatch):
    paper = archive_paper(1)
    for minutes, fine in ((0, True), (11, False)):
        made = link(ACCESS, paper, house().now() - timedelta(minutes=minutes))
        query = {k: v[0] for k, v in parse_qs(urlsplit(made).query).items()}
        said = (paper, query["requester"], int(query["expires"]), query["signature"])
        if fine:
            assert opened(*said).requester == ACCESS.requester
            with pytest.raises(Undecided):
                opened(paper, "người khác", *said[2:])
            with pytest.raises(Undecided):
                opened(*said[:2], said[2] + 1, said[3])
        else:
            with pytest.raises(Undecided):
                opened(*said)


def test_what_is_there_need_not_be_scanned_again(place):
    birth = archive_paper(1, type_id="giay-chung-sinh")
    archive_paper(2, type_id="giay-uy-quyen", verdict="unsound")
    needs = need(ACCESS, "dang-ky-khai-sinh", OWNER)
    parts = {part.component: part for part in needs.components}
    assert parts["giay-chung-sinh"].advice == "reuse"
    assert [p.id for p in parts["giay-chung-sinh"].present] == [birth]
    assert parts["to-khai"].advice == "on_request"
    assert parts["giay-to-tuy-than"].advice == "do_not_digitize"
    assert parts["giay-uy-quyen"].present == ()
    assert not needs.verified
    empty = need(ACCESS, "dang-ky-khai-sinh", "033090999999")
    assert {p.component: p.advice for p in empty.components}["giay-chung-sinh"] == "digitize"
    copied = need(ACCESS, "dang-ky-khai-sinh", "033090999999", forms={"giay-chung-sinh": "copy"})
    assert {p.component: p.rule for p in copied.components}["giay-chung-sinh"] == "must_not"


def test_need_refuses_what_the_catalogue_does_not_know(place):
    house().registry.migrate()
    with pytest.raises(NotFound):
        need(ACCESS, "khong-co", OWNER)
    with pytest.raises(NotFound):
        need(ACCESS, "dang-ky-khai-sinh", OWNER, forms={"khong-co": "copy"})


def test_a_reuse_counts_once(place):
    paper = archive_paper(1)
    first = record_reuse(ACCESS, paper, dossier="D-1", component="to-khai")
    again = record_reuse(ACCESS, paper, dossier="D-1", component="to-khai")
    other = record_reuse(ACCESS, paper, dossier="D-2", component="to-khai")
    assert (first.new, again.new, other.new) == (True, False, True)
    assert first.id == again.id
    counted = reuses_of_year(house().today().year)
    assert counted == {"reuses": 2, "dossiers": 2, "papers": 1}
    assert len(_rows("store:reused")) == 2


def test_a_paper_not_in_force_cannot_be_reused(place):
    over = archive_paper(1, valid_until=date(2020, 1, 1))
    gone = archive_paper(2, state=PaperState.WITHDRAWN)
    bad = archive_paper(3, verdict="unsound")
    shelve_new(10)
    for paper in (over, gone, bad):
        with pytest.raises(Undecided):
            record_reuse(ACCESS, paper, dossier="D-1", component="to-khai")


def test_archived_text_is_found_and_the_look_is_written_down(place):
    paper = archive_paper(1, text="Đơn đề nghị đăng ký lại; tìm kiếm hồ sơ của Nguyễn Văn Mẫu")
    assert shelve_new(10) == 1
    assert shelve_new(10) == 0
    for query in ("dang ky", "ĐĂNG KÝ", "tim kiem", '"tìm kiếm hồ sơ"', "giay khai sinh"):
        assert [hit.paper for hit in search_text(ACCESS, query)] == [paper], query
    assert search_text(ACCESS, '"ky dang"') == []
    (hit,) = search_text(ACCESS, "tim kiem")
    assert "tìm kiếm" in hit.excerpt
    rows = _rows("store:searched")
    assert len(rows) == 7
    assert "tim" not in json.dumps([row["detail"]["purpose"] for row in rows])


def test_an_excerpt_stands_around_the_first_word_sought():
    text = "mở đầu " * 40 + "Quyết định" + " cuối" * 80
    shown = excerpt(text, [["quyet", "dinh"]])
    assert "Quyết định" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")


def test_the_api_answers_its_clients_only(client):
    paper = archive_paper(1)
    asked = {**BODY, "owner": OWNER}
    assert client.post("/v1/lookup", json=asked, headers={"Authorization": "x"}).status_code == 401
    answer = client.post("/v1/lookup", json=asked)
    (found,) = answer.json()["papers"]
    assert found["id"] == paper
    assert found["code"] == "ma-1"
    (row,) = _rows("store:looked")
    assert row["actor"] == "mot-cua: An"
    parts = urlsplit(found["link"])
    file = client.get(f"{parts.path}?{parts.query}", headers={"Authorization": ""})
    assert file.content == b"%PDF-1.7 1"
    assert client.get(f"/v1/papers/{paper}/file", params=BODY).content == file.content
    record = client.get(f"/v1/papers/{paper}/record", params=BODY).json()
    assert record["fields"]["owner_id"]["value"] == OWNER
    reuse = {**BODY, "paper": paper, "dossier": "D-9", "component": "to-khai"}
    assert client.post("/v1/reuses", json=reuse).json()["new"] is True
    progress = client.get("/v1/progress").json()
    assert progress["reuses"]["reuses"] == 1
    assert (progress["synced"], progress["archived"]) == (0, 1)
    remove_client("mot-cua", actor="thử")
    assert client.post("/v1/lookup", json=asked).status_code == 401


def test_a_refusal_says_why_and_never_repeats_the_identifier(client):
    answer = client.post("/v1/lookup", json={"owner": OWNER})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert OWNER not in answer.text
    asked = {**BODY, "owner": OWNER, "procedure": "khong-co"}
    assert client.post("/v1/need", json=asked).status_code == 404


def test_a_client_that_asks_too_often_waits(client):
    token = add_client("voi", per_minute=2, actor="thử")
    headers = {"Authorization": f"Bearer {token}"}
    asked = {**BODY, "owner": OWNER}
    got = [client.post("/v1/lookup", json=asked, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in got] == [200, 200, 429]
    assert 1 <= int(got[2].headers["retry-after"]) <= 31


def test_the_rate_is_kept_over_time_and_per_client():
    limit = RateLimit()
    assert [limit.wait_seconds("a", 60, 0.0) > 0 for _ in range(61)] == [False] * 60 + [True]
    assert limit.wait_seconds("b", 60, 0.0) == 0
    assert limit.wait_seconds("a", 60, 1.0) == 0
    assert limit.wait_seconds("a", 60, 1.0) > 0


def test_a_paper_that_was_disposed_of_is_no_longer_in_the_store(place, client):
    paper = archive_paper(1, state=PaperState.DISPOSED)
    assert client.get(f"/v1/papers/{paper}", params=BODY).status_code == 404
    assert client.get(f"/v1/papers/{paper}/file", params=BODY).status_code == 404
    with pytest.raises(NotFound):
        record_reuse(ACCESS, paper, dossier="D-1", component="to-khai")


def test_signatures_of_a_paper_archived_a_moment_ago_are_looked_at_before_it_is_reused(place):
    bad = archive_paper(1, verdict="unsound")
    with pytest.raises(Undecided, match="Chữ ký"):
        record_reuse(ACCESS, bad, dossier="D-1", component="to-khai")


@pytest.mark.parametrize("asked", ["0100109106-001", "0100109106001", "0100109106 001"])
def test_a_branch_is_found_however_its_number_is_written(place, asked):
    papers = {archive_paper(1, owner="0100109106-001"), archive_paper(2, owner="0100109106001")}
    assert {paper.id for paper in lookup(ACCESS, asked, on=DAY)} == papers


def test_an_owner_of_very_many_papers_need_not_bring_the_last_one_either(place, monkeypatch):
    monkeypatch.setattr("tasks.lookup.LARGEST_PAGE", 2)
    papers = {archive_paper(number, type_id="giay-uy-quyen") for number in range(5)}
    assert {paper.id for paper in lookup_all(ACCESS, OWNER)} == papers
    needs = need(ACCESS, "dang-ky-khai-sinh", OWNER)
    parts = {part.component: part for part in needs.components}
    assert len(parts["giay-uy-quyen"].present) == 5


def test_a_long_phrase_is_cut_not_dropped(place):
    words = "một hai ba bốn năm sáu bảy tám chín mười mười một mười hai mười ba mười bốn"
    paper = archive_paper(1, text=f"Trích yếu: {words}.")
    archive_paper(2, text="Trích yếu: một hai ba.")
    shelve_new(10)
    assert [hit.paper for hit in search_text(ACCESS, f'"{words}"')] == [paper]
