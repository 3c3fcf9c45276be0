"""The buttons for archived papers: the same steps as the command line, told without values."""

import pytest
from prefect.flows import Flow

from domain.describe import OWN_KEY
from domain.errors import NotFound, Undecided
from domain.states import PaperState
from flows.amend import correct, hold, withdraw
from flows.corrections import ENTERED, Corrections
from flows.dispose import approve, listed, propose, reject
from storage.registry import lifecycle
from tasks.house import House, house
from tasks.shelf import paper_row
from tests.flows.archived import archive_papers

BY = {"actor": "Trần Thị Bình", "reason": "đánh máy nhầm"}
NOBODY = "0f0e0d0c-0b0a-5908-8706-050403020100"


@pytest.fixture
def paper(office):
    """An archived decision."""
    house.cache_clear()
    return archive_papers(house(), 1, first=1)[0]


def test_a_correction_by_button_is_a_new_version(paper):
    """Boxes left empty keep what was read; «-» says that the paper has no such value."""
    done = correct.fn(paper, Corrections(number=" 77/QĐ-UBND ", subject="-"), **BY)
    row = paper_row(paper)
    assert (done.version, done.changed) == (2, ("number", "subject"))
    assert (row["number"], row["title"]) == ("77/QĐ-UBND", "Giấy tờ số 1")
    assert row["description"]["fields"]["subject"]["value"] is None


def test_own_fields_of_the_type_are_corrected_by_their_labels(office):
    """One a line; a line of another field is refused before anything is changed."""
    house.cache_clear()
    (paper,) = archive_papers(house(), 1, first=2)
    entry = house().catalogue.type(paper_row(paper)["type_id"])
    own = next(field for field in entry.fields if field.kind == "text")
    with pytest.raises(Undecided, match="dòng 1"):
        correct.fn(paper, Corrections(own="chẳng có: x"), **BY)
    typed = Corrections(own=f"\n{own.label.upper()}: Xã Mẫu").values(entry)
    assert typed == {OWN_KEY + own.id: "Xã Mẫu"}


def test_every_field_has_its_box():
    """The form of `correct` asks for all that a review form asks for."""
    assert set(Corrections.model_fields) == {"type", "own", *ENTERED}


@pytest.mark.parametrize(
    ("typed", "secret"),
    [
        ({"owner_id": "001099123456789"}, "123456789"),
        ({"issue_date": "ngày Nguyễn Văn An"}, "Nguyễn"),
        ({"number": "--- //"}, "--- //"),
    ],
)
def test_a_refused_value_is_not_in_the_refusal(paper, typed, secret):
    """The state of a run stays in the server's database: field and rule, never what was typed."""
    with pytest.raises(Undecided) as refused:
        correct.fn(paper, Corrections(**typed), **BY)
    assert secret not in str(refused.value)
    assert refused.value.__suppress_context__
    assert paper_row(paper)["archive_version"] == 1


def test_withdrawn_replaced_and_held_by_button(office):
    """Each says what the paper is now; what cannot be is refused."""
    house.cache_clear()
    first, second = archive_papers(house(), 2)
    assert hold.fn(first, "lưu giữ", **BY).held
    assert not hold.fn(first, "thôi lưu giữ", **BY).held
    assert withdraw.fn(first, **BY, replaced_by=second).state is PaperState.SUPERSEDED
    with pytest.raises(Undecided, match="đã thay thế"):
        withdraw.fn(first, **BY)
    with pytest.raises(Undecided, match="chính nó"):
        withdraw.fn(second, **BY, replaced_by=second)
    with pytest.raises(NotFound):
        hold.fn(NOBODY, "lưu giữ", **BY)


def test_disposal_is_decided_by_button_and_by_somebody_else(paper, tmp_path, monkeypatch):
    """Proposed, refused to the proposer, approved, taken off again; nothing is removed."""
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (folder / "retention.toml").write_text(
        '[[class]]\nid = "permanent"\nname = "Một năm"\nyears = 1\nlock_years = 0\n'
    )
    monkeypatch.setenv("SOHOA_CATALOGUE", str(folder))
    now = house().now().replace(year=house().now().year + 3)
    monkeypatch.setattr(House, "now", lambda _self: now)
    house.cache_clear()
    assert [one.paper for one in propose.fn(actor="Lê Văn Cường")] == [paper]
    with pytest.raises(Undecided, match="không tự duyệt"):
        approve.fn([paper], actor="lê văn cường")
    assert approve.fn([paper], actor="Trần Thị Bình") == (paper,)
    assert [one.approved_by for one in listed.fn()] == ["Trần Thị Bình"]
    assert reject.fn([paper], actor="Trần Thị Bình") == (paper,)
    with pytest.raises(NotFound, match="danh sách"):
        approve.fn([paper], actor="Trần Thị Bình")
    with house().registry.read() as db:
        assert not lifecycle.proposals(db)
    assert paper_row(paper)["state"] == PaperState.ARCHIVED


@pytest.mark.parametrize("flow", [correct, withdraw, hold, propose, approve, reject])
def test_nobody_does_it_without_a_name(flow: Flow):
    """Whoever acts goes into the audit: the form is not sent without."""
    form = flow.parameters
    assert "actor" in form.required
    assert form.properties["actor"]["pattern"] == r"\S"
