"""The five plans hold what their texts say, year by year, as worked out by hand."""

import re
from pathlib import Path

import pytest

from catalogues.plan_files import load_plan, plan_ids, read_plan
from domain.errors import ConfigurationFault
from domain.plan import raised

P, D, C, A = "province", "district", "commune", "all"
DIGITIZATION = {
    "plan-5755": {
        (P, 2021): 30, (D, 2021): 20, (C, 2021): 15,
        (P, 2022): 50, (D, 2022): 40, (C, 2022): 35,
        (P, 2023): 70, (D, 2023): 60, (C, 2023): 55,
        (P, 2024): 90, (D, 2024): 80, (C, 2024): 75,
        (P, 2025): 100, (D, 2025): 100, (C, 2025): 95,
        (A, 2035): 100,
    },
    "gia-lai": {
        (P, 2021): 30, (D, 2021): 20, (C, 2021): 15,
        (P, 2022): 50, (D, 2022): 40, (C, 2022): 35,
        (P, 2023): 70, (D, 2023): 60, (C, 2023): 55,
        (P, 2024): 100, (D, 2024): 100, (C, 2024): 100, (A, 2024): 100,
        (P, 2025): 100, (D, 2025): 100, (C, 2025): 100, (A, 2025): 100,
    },
    "ninh-thuan-2024": {(P, 2024): 90, (D, 2024): 85, (C, 2024): 80},
    "hung-yen": {
        (P, 2021): 100,
        (P, 2022): 50, (D, 2022): 40, (C, 2022): 35,
        (P, 2023): 70, (D, 2023): 60, (C, 2023): 55,
        (P, 2024): 90, (D, 2024): 80, (C, 2024): 75,
        (P, 2025): 100, (D, 2025): 100, (C, 2025): 100, (A, 2025): 100,
    },
    "ninh-binh": {(A, 2025): 100},
}  # fmt: skip
ROLLOUT = {
    "plan-5755": {
        (P, 2021): 100, (D, 2022): 50, (C, 2022): 30, (D, 2023): 80, (C, 2023): 60,
        (D, 2024): 100, (C, 2024): 90, (D, 2025): 100, (C, 2025): 100,
    },
    "ninh-binh": {(P, 2021): 100, (D, 2022): 100, (C, 2022): 50, (C, 2023): 100},
}  # fmt: skip
ROLLOUT["gia-lai"] = ROLLOUT["hung-yen"] = ROLLOUT["plan-5755"]
REUSE = {
    "plan-5755": {2022: 30, 2023: 80, 2024: 80, 2025: 80},
    "gia-lai": {2022: 30, 2023: 80, 2024: 80, 2025: 80},
    "hung-yen": {2022: 30, 2023: 80, 2024: 80, 2025: 80},
    "ninh-binh": {2022: 40, 2023: 60, 2024: 80, 2025: 100},
}
FILE = """
name = "Thử"
document = "x.txt"
[[statement]]
indicator = "digitization_rate"
phrase = "tăng 20%"
line = 3
rule = "points"
increment = 20
rows = [{{level = "commune", year = 2023, value = {value}}}]
[[statement]]
indicator = "digitization_rate"
phrase = "15%"
line = 2
rows = [{{level = "commune", year = 2022, value = 15}}]
"""


def rows(plan_id, indicator):
    targets = load_plan(plan_id).targets
    return {(t.level, t.year): t.value for t in targets if t.indicator == indicator and t.measure}


@pytest.mark.parametrize("plan_id", DIGITIZATION)
def test_the_digitization_rate_year_by_year(plan_id):
    assert rows(plan_id, "digitization_rate") == DIGITIZATION[plan_id]


@pytest.mark.parametrize("plan_id", ROLLOUT)
def test_the_roll_out_year_by_year(plan_id):
    assert rows(plan_id, "rollout_rate") == ROLLOUT[plan_id]


@pytest.mark.parametrize("plan_id", REUSE)
def test_the_share_of_persons_not_asked_again(plan_id):
    assert rows(plan_id, "reuse_rate") == {(A, year): v for year, v in REUSE[plan_id].items()}


def test_only_the_yearly_increments_ask_for_signatures():
    for plan_id in DIGITIZATION:
        for target in load_plan(plan_id).targets:
            if target.indicator == "digitization_rate":
                yearly = target.computed and target.year >= 2023
                assert ("signed" in target.conditions) == yearly, (plan_id, target)


def test_ninh_thuan_reduces_online_payment_only():
    plan = load_plan("ninh-thuan-2024")
    reduced = {t.indicator for t in plan.targets if any(e.reduction for e in t.exemptions)}
    assert reduced == {"online_payment_rate"}


def test_remote_communes_are_spared_where_the_text_says_so():
    spared = {
        plan_id
        for plan_id in ROLLOUT
        for t in load_plan(plan_id).targets
        if t.indicator == "rollout_rate" and t.exemptions
    }
    assert spared == {"plan-5755", "gia-lai"}


def test_computed_rows_say_so_with_their_increment():
    for plan_id in DIGITIZATION:
        for target in load_plan(plan_id).targets:
            assert target.computed == (target.rule != "absolute") == (target.increment is not None)


def test_gia_lai_raises_by_20_points_in_the_first_quarter_of_2022():
    due = {t.due.isoformat() for t in load_plan("gia-lai").of_year(2022, "digitization_rate")}
    assert due == {"2022-03-31"}


def test_a_wrong_sum_is_refused_with_the_right_one(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text(FILE.format(value=35), encoding="utf-8")
    assert read_plan(file, "x").targets[0].value == raised(15, 20, "points") == 35
    file.write_text(FILE.format(value=36), encoding="utf-8")
    with pytest.raises(ConfigurationFault, match=r"là 35\.0, không phải 36"):
        read_plan(file, "x")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"digitization_rate"', '"no_such_rate"', "no_such_rate"),
        ("year = 2022, value = 15", "year = 2022, value = 150", "vượt quá 100"),
        ("year = 2022", "year = 2023", "hai lần"),
        ('"15%"', '"15%', "sai"),
        ('level = "commune", year = 2022', 'level = "xa", year = 2022', "level"),
    ],
)
def test_a_wrong_plan_is_refused_with_file_and_reason(tmp_path, old, new, said):
    file = tmp_path / "x.toml"
    file.write_text(FILE.format(value=35).replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationFault, match=said) as caught:
        read_plan(file, "x")
    assert "x.toml" in str(caught.value)


def test_a_province_adds_a_plan_of_its_own(tmp_path):
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "tinh-toi.toml").write_text(FILE.format(value=35), encoding="utf-8")
    assert "tinh-toi" in plan_ids(tmp_path)
    assert load_plan("tinh-toi", tmp_path).name == "Thử"


def test_the_worked_examples_of_the_handbook_are_the_data():
    text = (Path(__file__).parents[2] / "docs" / "plans.md").read_text(encoding="utf-8")
    for plan_id in DIGITIZATION:
        section = text.partition(f"### `{plan_id}`")[2].partition("###")[0]
        told = set()
        for indicator, area, year, cells in re.findall(
            r"\| `(\w+)`(?: \((\w+)\))? \| (\d{4}) \|((?:[^|]*\|){4})", section
        ):
            for level, cell in zip((P, D, C, A), cells.split("|"), strict=False):
                if cell.strip():
                    told.add((indicator, area, int(year), level, float(cell.strip("> ≤"))))
        held = {(t.indicator, t.area, t.year, t.level, t.value) for t in load_plan(plan_id).targets}
        assert told == held
