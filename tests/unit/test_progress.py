"""Rates are percentages of the right denominator; without a denominator there is no rate."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.forecast import Month
from domain.indicators import Formula, UnitCount, percentage, total, value_of
from domain.period import Counting, period, views, working_days
from domain.plan import Target, raised
from domain.progress import level_line, line, missing_units

NONE = Counting()
FORMULA = Formula(
    name="f", version="1", indicator="digitization_rate", basis="dossiers_resolved", conditions=()
)
TODAY = date(2024, 7, 1)


def count(unit="H31", level="province", top=1.0, whole=2.0):
    source = "rows" if whole is not None else "none"
    return UnitCount(unit=unit, level=level, numerator=top, denominator=whole, source=source)


def made(counts, *, target=None, today=TODAY, trend=()):
    goal = target or Target(level="province", year=2024, value=90)
    view = views(period("year", 2024, 1, NONE))[0]
    return line(goal, FORMULA, view, counts, trend=trend, today=today, names={})


def test_a_denominator_of_zero_gives_no_rate():
    assert percentage(0, 0) is None
    assert made([count(top=0, whole=0)]).value is None
    assert made([]).gap_units is None


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_rate_lies_between_0_and_100_whatever_was_imported(part, whole):
    assert 0 <= percentage(part, whole) <= 100


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_one_more_dossier_never_lowers_a_rate(done, whole):
    assert percentage(done + 1, whole) >= percentage(done, whole)


@given(st.integers(0, 2000), st.integers(1, 2000), st.integers(0, 100))
def test_the_missing_dossiers_reach_the_target_and_one_less_does_not(done, whole, goal):
    target = Target(level="province", year=2024, value=goal)
    missing = missing_units(target, done, whole)
    assert (done + missing) * 100 >= goal * whole
    assert missing == 0 or (done + missing - 1) * 100 < goal * whole


@given(st.integers(0, 500), st.integers(1, 500), st.integers(0, 99))
def test_more_than_is_not_at_least(done, whole, goal):
    target = Target(level="commune", year=2021, value=goal, comparator="more_than")
    assert (done + missing_units(target, done, whole)) * 100 > goal * whole


@given(
    st.decimals(0, 100, places=2),
    st.decimals(0, 100, places=2),
    st.sampled_from(["points", "relative"]),
)
def test_a_raised_target_never_falls_and_never_passes_100(before, more, rule):
    after = raised(float(before), float(more), rule)
    assert float(before) <= after <= 100
    exact = before + more if rule == "points" else before * (100 + more) / Decimal(100)
    assert after == float(min(exact, Decimal(100)))


def test_plus_20_percent_has_two_readings():
    assert [raised(v, 20, "points") for v in (30, 20, 15)] == [50, 40, 35]
    assert [raised(v, 20, "relative") for v in (30, 20, 15)] == [36, 24, 18]


def test_units_without_a_denominator_are_named_and_do_not_raise_the_rate_of_others():
    rows = [count(top=1, whole=4), count(unit="H32", top=9, whole=None)]
    assert total(rows) == (1, 4)
    assert made(rows).value == 25
    assert "1 đơn vị chưa có mẫu số" in made(rows).data
    assert level_line(None, "province", [count(top=3, whole=None)]).rate is None


def test_units_are_ranked_best_first_and_equals_share_a_rank():
    rows = [count("A", top=1, whole=2), count("B", top=2, whole=2), count("C", top=2, whole=4)]
    ranking = made([*rows, count("D", top=None, whole=None)]).units
    assert [(row.unit, row.rank) for row in ranking] == [("B", 1), ("A", 2), ("C", 2), ("D", None)]


def test_waiting_time_is_best_when_it_is_short():
    target = Target(
        level="all", year=2024, value=15, comparator="at_most", measure="minutes", indicator="w"
    )
    formula = FORMULA.model_copy(update={"measure": "minutes"})
    view = views(period("year", 2024, 1, NONE))[0]
    rows = [count("A", top=200, whole=10), count("B", top=100, whole=10)]
    done = line(target, formula, view, rows, today=TODAY, names={})
    assert (done.value, done.met, done.gap_points) == (15.0, True, 0.0)
    assert [row.unit for row in done.units] == ["B", "A"]


def test_what_is_needed_per_working_day_is_what_is_missing_over_the_days_left():
    done = made([count(top=1, whole=100)], today=date(2024, 12, 30))
    assert (done.gap_units, done.working_days_left, done.per_working_day) == (89, 2, 44.5)
    late = made([count(top=1, whole=100)], today=date(2025, 1, 2))
    assert (late.working_days_left, late.per_working_day) == (0, None)
    assert late.assumption == "kỳ đã hết: giá trị thực tế"


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2024, 1, 1), date(2024, 1, 7), 5),
        (date(2024, 1, 6), date(2024, 1, 7), 0),
        (date(2024, 1, 8), date(2024, 1, 7), 0),
    ],
)
def test_working_days_leave_out_weekends(first, last, days):
    assert working_days(first, last) == days


def test_holidays_are_no_working_days():
    assert working_days(date(2024, 1, 1), date(2024, 1, 7), {date(2024, 1, 1)}) == 4


def test_a_cut_off_day_shifts_the_period():
    span = period("month", 2024, 1, Counting(cutoff_day=14, due_days=5))
    assert (span.first, span.last, span.due) == (
        date(2023, 12, 15),
        date(2024, 1, 14),
        date(2024, 1, 19),
    )
    quarter = period("quarter", 2024, 2, NONE)
    assert (quarter.first, quarter.last) == (date(2024, 4, 1), date(2024, 6, 30))


@given(
    st.integers(2020, 2030), st.sampled_from([("month", 12), ("quarter", 4)]), st.integers(0, 28)
)
def test_periods_of_a_year_follow_each_other_without_gap_or_overlap(year, kind, cutoff):
    rules = Counting(cutoff_day=cutoff)
    spans = [period(kind[0], year, number, rules) for number in range(1, kind[1] + 1)]
    whole = period("year", year, 1, rules)
    assert (spans[0].first, spans[-1].last) == (whole.first, whole.last)
    for before, after in pairwise(spans):
        assert (after.first - before.last).days == 1


def test_the_year_2025_is_shown_in_both_views_and_districts_end_in_june():
    shown = views(period("year", 2025, 1, NONE))
    assert [view.id for view in shown] == ["year", "three_levels", "two_levels"]
    assert shown[1].last == date(2025, 6, 30)
    assert "district" not in shown[2].levels
    assert [view.id for view in views(period("year", 2026, 1, NONE))] == ["year"]
    assert "district" not in views(period("year", 2026, 1, NONE))[0].levels


def test_value_of_a_share_of_staff_is_not_a_percentage():
    formula = FORMULA.model_copy(update={"measure": "dossiers_per_person_year"})
    assert value_of(formula, 3200, 2) == 1600


def test_one_missing_dossier_of_many_is_not_all_of_them():
    target = Target(level="province", year=2024, value=100)
    done = made([count(top=24_999, whole=25_000)], target=target)
    assert (done.value, done.gap_units, done.met) == (100.0, 1, False)
    assert done.gap_points == -0.01  # shown as it is judged
    over = Target(level="province", year=2024, value=80, comparator="more_than")
    assert made([count(top=80_001, whole=100_000)], target=over).met is True


def test_a_stock_is_not_expected_to_grow_by_what_was_done_in_earlier_years():
    formula = FORMULA.model_copy(update={"basis": "valid_results"})
    view = views(period("year", 2024, 1, NONE))[0]
    goal = Target(level="province", year=2024, value=90)
    rows = [count(top=500, whole=1000)]
    early = line(goal, formula, view, rows, today=date(2024, 1, 3), names={})
    assert early.forecast is None
    known = line(goal, formula, view, rows, before=490.0, today=date(2024, 1, 31), names={})
    assert known.forecast == 60.81  # 10 in 31 days: 108 more in 335


def test_months_told_so_far_are_not_the_year_that_the_rest_is_measured_against():
    early = made([count(top=50, whole=100)], today=date(2024, 3, 31))
    assert early.forecast == 50.0
    year = Target(level="province", year=2024, value=90)
    view = views(period("year", 2024, 1, NONE))[0]
    whole = line(
        year,
        FORMULA,
        view,
        [count(top=50, whole=400)],
        today=date(2024, 3, 31),
        names={},
        ahead=True,
    )
    assert whole.forecast == 50.27  # 50 in 91 days of 366


def test_a_mean_is_judged_by_what_was_told_not_by_its_weight():
    """5.2 minutes of 13 dossiers are 67.6, and 67.6 / 13 is more than 5.2 in binary fractions."""
    formula = FORMULA.model_copy(update={"measure": "minutes"})
    target = Target(level="province", year=2024, value=5.2, comparator="at_most", measure="minutes")
    view = views(period("year", 2024, 1, NONE))[0]
    rows = [count(top=5.2 * 13, whole=13)]
    told = line(target, formula, view, rows, today=date(2025, 1, 3), names={})
    assert (told.value, told.met) == (5.2, True)


def test_the_month_that_runs_is_no_month_of_the_pace():
    """On the first of November October's pace holds, not a third of it that one day has made."""
    view = views(period("year", 2024, 1, NONE))[0]
    target = Target(level="province", year=2024, value=90)
    months = [
        Month(month=f"2024-{number:02}", numerator=50, denominator=100, value=50.0)
        for number in (8, 9, 10)
    ]
    begun = Month(month="2024-11", numerator=1, denominator=1, value=100.0)
    rows = [count(top=151, whole=301)]

    def expected(trend):
        today = date(2024, 11, 1)
        told = line(target, FORMULA, view, rows, trend=trend, today=today, names={})
        return told.forecast, told.assumption

    assert expected([*months, begun]) == expected(months)
