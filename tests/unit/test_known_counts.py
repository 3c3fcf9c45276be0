"""What the registry knows of numerators by itself: persons once, and nothing it cannot know."""

from datetime import date

from domain.indicators import Formula
from domain.period import View
from tasks.known_counts import Known, known


def test_a_person_at_two_units_is_one_and_a_unit_is_taken_once():
    found = Known({"H1": 2.0, "H2": 1.0, "H3": 1.0}, {"H1": {"a", "b"}, "H2": {"b"}, "H3": {"c"}})
    assert found.take(["H1", "H2"]) == 2
    assert found.counts == {"H3": 1.0}


def test_dossiers_are_added_up():
    assert Known({"H1": 2.0, "H2": 1.0}).take(["H1", "H2"]) == 3


def test_whose_papers_were_digitized_is_not_known_of_persons():
    """Dossiers must not be counted as persons: nothing is better than a wrong number."""
    formula = Formula(
        name="thử", version="1", indicator="i", basis="persons", conditions=("digitized",)
    )
    view = View(
        id="two_levels",
        name="x",
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        levels=("province", "commune"),
    )
    assert known(None, None, formula, view) is None
