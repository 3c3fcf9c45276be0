"""What the registry itself knows enters the indicators: reuses, the portal's receipts, copies."""

import csv

import pytest

from domain.errors import DocumentFault
from storage.registry import outbox
from storage.registry.schema import certified_copies, reuses
from storage.registry.schema import outbox as outbox_table
from tasks.house import house
from tasks.plan_report import everything_lacking, report
from tasks.report_files import write_lacking
from tasks.report_words import deadline
from tests.flows.counted import HEAD, archived, bring, dossier

FIGURES = "unit,level,year,month,indicator,value"


def line(indicator, year=2024, level="all", **period):
    """The one line of an indicator in the whole period."""
    now = report(period.get("plan"), period.get("kind", "year"), year, period.get("number", 1))
    (found,) = [
        x
        for x in now.lines
        if (x.indicator, x.level, x.area) == (indicator, level, "") and x.view != "three_levels"
    ][:1]
    return found


def rate(name, **where):
    """Numerator, denominator and value."""
    found = line(name, **where)
    return found.numerator, found.denominator, found.value


def reused(ordinal, code):
    """Paper `p-‹ordinal›` served in place of a new one."""
    with house().registry.begin() as db:
        db.execute(
            reuses.insert().values(
                id=f"r-{ordinal}-{code}",
                paper_id=f"p-{ordinal}",
                dossier=code,
                component="giay-khai-sinh",
                requester="thử",
                purpose="thử",
                at=house().now().replace(year=2024, month=5, day=6),
            )
        )


def with_applicants(folder, *applicants):
    """Dossiers D0, D1 … of these persons, all at the province."""
    rows = [f"{HEAD},applicant"]
    rows += [f"{dossier(f'D{n}', 'H31')},{who}" for n, who in enumerate(applicants)]
    bring(folder, "dossiers", rows)


def test_a_recorded_reuse_is_a_person_not_asked_again(province):
    house().prepare()
    with_applicants(province, "033090000001", "033090000001", "033090000002", "033090000003")
    assert rate("reuse_rate") == (None, None, None)  # nothing says that nobody was asked
    archived(1, "D0")
    reused(1, "D0")
    assert rate("reuse_rate") == (1, 3, 33.33)  # persons, not dossiers
    assert "033090000001" not in str(report(None, "year", 2024, 1))


def test_a_reuse_counts_against_the_persons_that_the_province_states(province):
    house().prepare()
    bring(province, "figures", [FIGURES, "H31,province,2024,,persons,4"])
    archived(1, "000.00.00.H31-240305-0001", owner_hash="a")
    archived(2, "000.00.00.H31-240305-0002", owner_hash="b")
    reused(1, "000.00.00.H31-240305-0003")
    reused(1, "000.00.00.H31-240305-0004")  # the same person again
    reused(2, "000.00.00.H31-240305-0005")
    assert rate("reuse_rate") == (2, 4, 50.0)


def test_a_person_at_two_units_is_one_person_of_the_level(province):
    house().prepare()
    rows = [f"{HEAD},applicant"]
    rows += [
        f"{dossier('D0', 'L-xa-mot')},033090000001",
        f"{dossier('D1', 'L-huyen-mot')},033090000001",
    ]
    rows += [f"{dossier('D2', 'L-huyen-mot')},033090000002"]
    rows += [f"{dossier('D3', 'L-huyen-mot').replace('Hộ tịch', 'Đất đai')},033090000002"]
    bring(province, "dossiers", rows)
    archived(1, "D0")
    reused(1, "D0")
    reused(1, "D1")
    found = line("reuse_rate")
    assert (found.numerator, found.denominator, found.value) == (1, 2, 50.0)
    units = {unit.unit: (unit.numerator, unit.denominator) for unit in found.units}
    assert units == {"L-xa-mot": (1, 1), "L-huyen-mot": (1, 2)}


def test_one_who_reused_at_two_units_is_one_of_the_persons_told(province):
    house().prepare()
    bring(province, "figures", [FIGURES, "H31,province,2024,,persons,4"])
    archived(1, "000.00.00.H31-240305-0001", owner_hash="a")
    reused(1, "000.00.00.H31-240305-0003")
    reused(1, "000.00.01.H31-240305-0004")
    assert rate("reuse_rate") == (1, 4, 25.0)


def test_reused_data_is_counted_by_dossiers_for_ninh_thuan_and_qd_766(province):
    house().prepare()
    bring(province, "dossiers", [HEAD, *(dossier(f"D{n}", "H31") for n in range(4))])
    archived(1, "D9")
    reused(1, "D0")
    assert rate("data_reuse_rate", plan="ninh-thuan-2024") == (1, 4, 25.0)
    measured = {m.name: m.value for m in report(None, "year", 2024, 1).measured}
    assert measured["QĐ 766/QĐ-TTg 4.3"] == 25.0


def test_a_flag_of_the_one_stop_system_counts_beside_what_we_recorded(province):
    house().prepare()
    rows = [dossier(f"D{n}", "H31") for n in range(4)]
    bring(
        province,
        "dossiers",
        [f"{HEAD},data_reused", f"{rows[0]},có", f"{rows[1]},không", f"{rows[2]},", f"{rows[3]},"],
    )
    assert rate("data_reuse_rate", plan="ninh-thuan-2024") == (1, 2, 50.0)  # blank is unknown
    archived(1, "D2")
    reused(1, "D2")
    assert rate("data_reuse_rate", plan="ninh-thuan-2024") == (2, 4, 50.0)


def test_a_dossier_is_synced_when_the_portal_has_all_its_papers(province):
    house().prepare()
    bring(province, "dossiers", [HEAD, *(dossier(f"D{n}", "H31") for n in range(4))])
    for ordinal, code in enumerate(("D0", "D1", "D1"), start=1):
        archived(ordinal, code)
    assert rate("result_sync_rate", plan="ninh-thuan-2024")[2] is None
    at = house().now().replace(year=2024, month=6)
    with house().registry.begin() as db:
        outbox.enqueue(db, at=at, limit=9)
        told = outbox_table.update().values(state="sent", sent_at=at)
        db.execute(told.where(outbox_table.c.paper_id.in_(["p-1", "p-2"])))
    assert rate("result_sync_rate", plan="ninh-thuan-2024") == (1, 4, 25.0)
    with house().registry.begin() as db:
        db.execute(told)
    assert rate("result_sync_rate", plan="ninh-thuan-2024") == (2, 4, 50.0)


def test_an_archived_result_paper_is_an_electronic_result(province):
    house().prepare()
    bring(province, "dossiers", [HEAD, *(dossier(f"D{n}", "H31") for n in range(2))])
    archived(1, "D0", result_code="D0-KQ(1)")
    archived(2, "D1")  # a component, no result
    assert rate("electronic_result_rate", plan="ninh-thuan-2024") == (1, 2, 50.0)


def test_a_unit_runs_the_process_when_it_has_archived_whether_dossiers_are_imported_or_not(
    province,
):
    house().prepare()
    bring(province, "dossiers", [HEAD, dossier("D0", "L-xa-mot")])
    bring(
        province,
        "figures",
        [
            FIGURES,
            "H31,commune,2024,,one_stop_units,4",
            "L-huyen-mot,district,2024,,one_stop_units,1",
        ],
    )
    archived(1, "D0", unit="L-xa-mot")
    assert rate("rollout_rate", level="commune") == (1, 4, 25.0)  # one figure for all communes
    assert rate("rollout_rate", level="district") == (0, 1, 0.0)


def test_certified_copies_are_counted_where_the_paper_is(province):
    house().prepare()
    bring(province, "figures", [FIGURES, "L-xa-mot,commune,2024,,certifications,5"])
    archived(1, None, unit="L-xa-mot")
    when = house().now().replace(year=2024, month=3)
    with house().registry.begin() as db:
        db.execute(
            certified_copies.insert().values(
                id="c-1",
                source_id="p-1",
                number="1",
                certifier="x",
                words="x",
                requested_at=when,
                archived_at=when,
            )
        )
    assert rate("certified_copy_rate", level="commune", plan="ninh-thuan-2024") == (1, 5, 20.0)


def test_a_month_is_counted_with_the_figures_of_the_month_not_of_the_year(province):
    house().prepare()
    rows = [
        FIGURES,
        "H31,province,2024,,dossiers_received,1200",
        "H31,province,2024,,online_dossier_rate.numerator,600",
        "H31,province,2024,3,dossiers_received,100",
        "H31,province,2024,3,online_dossier_rate.numerator,90",
    ]
    bring(province, "figures", rows)
    where = {"plan": "hung-yen", "kind": "month"}
    assert rate("online_dossier_rate", number=3, **where) == (90, 100, 90.0)
    assert rate("online_dossier_rate", number=4, **where) == (None, None, None)
    assert rate("online_dossier_rate", plan="hung-yen") == (600, 1200, 50.0)


def test_a_year_told_by_months_is_their_sum_and_says_which_are_missing(province):
    house().prepare()
    rows = [f"H31,province,2024,{m},dossiers_received,10" for m in (1, 2)]
    rows += [f"H31,province,2024,{m},online_dossier_rate.numerator,4" for m in (1, 2)]
    bring(province, "figures", [FIGURES, *rows])
    found = line("online_dossier_rate", plan="hung-yen")
    assert (found.numerator, found.denominator) == (8, 20)
    assert "chưa có số liệu của 10 tháng" in found.data


def test_a_denominator_alone_gives_no_rate(province):
    house().prepare()
    bring(province, "figures", [FIGURES, "H31,province,2024,,dossiers_received,100"])
    assert rate("online_dossier_rate") == (None, 100, None)


def test_units_that_receive_less_than_the_target_are_spared_its_productivity(province):
    house().prepare()
    bring(
        province,
        "figures",
        [
            FIGURES,
            "H31,province,2024,,dossiers_received,3200",
            "H31,province,2024,,one_stop_staff,2",
            "L-xa-mot,commune,2024,,dossiers_received,500",
            "L-xa-mot,commune,2024,,one_stop_staff,1",
        ],
    )
    now = report("plan-5755", "year", 2024, 1)
    found = {(x.level, x.area): x.value for x in now.lines if x.indicator == "productivity"}
    assert found["province", ""] == 1600
    assert found["all", "rural"] is None


@pytest.mark.parametrize("name", ["dossiers_resloved", "reuse.numerator", "digitization_rate"])
def test_a_figure_that_nothing_reads_is_refused(province, name):
    house().prepare()
    with pytest.raises(DocumentFault, match="dòng 2, cột indicator"):
        bring(province, "figures", [FIGURES, f"H31,province,2024,,{name},1"])


def test_units_that_the_catalogue_does_not_know_are_named(province):
    house().prepare()
    done = bring(province, "dossiers", [HEAD, dossier("D0", "H31.99")])
    assert done.unknown_units == ("H31.99",)


def test_the_plan_s_own_calendar_names_the_reports_of_the_period(province):
    house().prepare()
    now = report("gia-lai", "quarter", 2022, 1)
    assert {entry.day.isoformat() for entry in now.calendar} == {"2022-03-18"}
    assert all(entry.source.startswith("001_gia-lai.txt:") for entry in now.calendar)
    assert report("gia-lai", "quarter", 2023, 1).calendar == ()


def test_the_plan_s_own_calendar_sets_when_the_report_is_due(province):
    house().prepare()
    quarter, later = (report("gia-lai", "quarter", year, 1) for year in (2022, 2023))
    assert quarter.due.isoformat() == "2022-03-18"
    assert quarter.days_left == (quarter.due - house().today()).days
    assert "18/03/2022 (theo 001_gia-lai.txt:" in deadline(quarter)
    assert report("gia-lai", "year", 2022, 1).due.isoformat() == "2022-12-18"
    assert (later.due, later.due_source) == (later.period.due, "")  # the plan names no day
    mid_year = report("plan-5755", "year", 2024, 1)
    assert len(mid_year.calendar) == 2  # 15/7 and 15/11, of forms and procedures
    assert mid_year.due.isoformat() == "2024-12-31"


def test_a_period_that_the_plan_does_not_ask_for_is_remarked(province):
    house().prepare()
    assert any("không phải Tháng 3" in said for said in report("gia-lai", "month", 2022, 3).remarks)
    assert not any("không phải" in said for said in report("gia-lai", "year", 2022, 1).remarks)


def test_each_officer_has_volumes_and_papers_a_day(province):
    house().prepare()
    an = {"officer": "Nguyễn Văn An"}
    archived(1, "D0", facts=an)
    archived(2, "D1", facts=an, at="2024-03-07")
    archived(3, "D2", facts=an, at="2024-03-07", state="rejected")
    archived(4, "D3")
    officers = report(None, "year", 2024, 1).officers
    found = {o.name: (o.scans, o.archived, o.rejected, o.days, o.per_day) for o in officers}
    assert found == {"Nguyễn Văn An": (3, 2, 1, 2, 1.0), "(không nêu)": (1, 1, 0, 1, 1.0)}


def test_all_that_lacks_something_goes_into_a_file(province, tmp_path):
    house().prepare()
    rows = [dossier(f"D{n}", "H31") for n in range(250)]  # more than a report shows
    bring(province, "dossiers", [HEAD, *rows])
    archived(1, "D0", state="in_review")
    write_lacking(everything_lacking("year", 2024, 1), tmp_path / "thieu.csv")
    with (tmp_path / "thieu.csv").open(encoding="utf-8-sig", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert len(found) == 250  # the paper in review, and 249 dossiers without one
    assert (found[0]["Định danh"], found[0]["duyệt"], found[0]["ký số"]) == (
        "p-1",
        "thiếu",
        "thiếu",
    )
