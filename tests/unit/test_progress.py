"""Rates are percentages of the right denominator; without a denominator there is no rate."""

from hypothesis import given
from hypothesis import strategies as st

from domain.progress import DOSSIERS_RESOLVED, Figure, Plan, Target, percentage, progress

PLAN = Plan(
    id="p",
    name="P",
    targets=(
        Target(level="province", year=2026, value=90),
        Target(level="commune", year=2026, value=80),
    ),
)


def _figure(unit, level, value, year=2026):
    return Figure(unit=unit, level=level, year=year, indicator=DOSSIERS_RESOLVED, value=value)


def test_a_denominator_of_zero_gives_no_rate():
    assert percentage(0, 0) is None


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_rate_of_a_part_lies_between_0_and_100(part, rest):
    assert 0 <= percentage(part, part + rest) <= 100


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_one_more_dossier_never_lowers_a_rate(done, whole):
    assert percentage(done + 1, whole) >= percentage(done, whole)


def test_each_level_has_its_own_numerator_denominator_and_target():
    result = progress(
        PLAN,
        2026,
        digitized={"H31": 3, "H31.12": 8, "H31.13": 1},
        figures=[
            _figure("H31", "province", 5),
            _figure("H31.12", "commune", 10),
            _figure("H31.13", "commune", 2),
            _figure("H31", "province", 999, year=2025),
        ],
        unit_levels={"H31": "province", "H31.12": "commune", "H31.13": "commune"},
    )
    by_level = {level.level: level for level in result.levels}
    assert by_level["province"].rate == 60.0
    assert by_level["province"].gap_points == -30.0
    assert by_level["commune"].rate == 75.0


def test_a_level_without_figures_has_no_rate_and_no_gap():
    result = progress(PLAN, 2026, digitized={}, figures=[], unit_levels={})
    assert {(level.rate, level.gap_points) for level in result.levels} == {(None, None)}


def test_dossiers_of_an_unknown_unit_are_named_not_lost():
    result = progress(PLAN, 2026, digitized={"": 2, "X": 1}, figures=[], unit_levels={})
    assert result.unassigned == 3
