"""What would make a percentage wrong without anybody noticing."""

from datetime import UTC, date, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from domain.errors import DocumentFault, IntegrityFault, Undecided
from flows.progress import _markdown as page_of
from flows.progress import progress
from storage.registry import counting, evidence, lifecycle
from storage.registry.counting import Span
from storage.registry.schema import closings, figures, papers
from tasks.closings import close_period, closed_report
from tasks.figures import import_file
from tasks.house import house
from tasks.plan_report import report
from tasks.report_files import write_lacking
from tasks.report_xlsx import as_xlsx
from tests.flows.counted import HEAD, archived, bring, dossier

FIGURES = "unit,level,year,month,indicator,value"
RESULTS = "code,procedure,competent_unit,number,issued_on,valid_until"


def rate(level, year=2024, view="year"):
    """Numerator and denominator of the digitization rate of a level."""
    (found,) = [
        x
        for x in report(None, "year", year, 1).lines
        if (x.indicator, x.level, x.view, x.area) == ("digitization_rate", level, view, "")
    ]
    return found.numerator, found.denominator


@pytest.mark.parametrize("value", ["1.234", "1,234", "1.234,5", "1e3x"])
def test_a_count_with_a_separator_of_thousands_is_refused_not_made_a_thousandth(province, value):
    with pytest.raises(DocumentFault, match=r"dòng 2, cột value: .*1234"):
        bring(province, "figures", [FIGURES, f'H31,province,2024,,dossiers_resolved,"{value}"'])


def test_minutes_may_have_a_fraction(province):
    done = bring(province, "figures", [FIGURES, "H31,province,2024,,waiting_minutes,12.5"])
    assert done.imported == 1


def test_a_day_that_a_sheet_holds_as_a_bare_number_is_refused_in_vietnamese(province):
    book = Workbook()
    book.active.append(HEAD.split(","))
    book.active.append(["A", "1.000894", "Hộ tịch", 1, "H31", "H31", 45356, 45356, "resolved"])
    book.active.append([7, "1.000894", "Hộ tịch", 1, "H31", "H31", date(2024, 3, 5)])
    book.save(province / "d.xlsx")
    with pytest.raises(DocumentFault) as caught:
        import_file("dossiers", province / "d.xlsx")
    said = str(caught.value)
    assert "dòng 2, cột received_on: ngày phải ghi dạng 2026-11-02" in said
    assert "dòng 3, cột code: phải là chữ" in said


def test_one_paper_is_not_the_result_of_every_unit_that_used_its_number(province):
    house().prepare()
    rows = ["K1,1.0,H31,12,2020-01-01,", "K2,1.0,H31,12,2021-06-01,"]
    bring(province, "results", [RESULTS, *rows])
    archived(1, None, number="12", issue_date=date(2020, 1, 1), at="2022-06-01")
    assert rate("province", 2022) == (1, 2)


def test_a_level_told_as_a_whole_counts_beside_the_rows_of_the_unit_that_tells_it(province):
    house().prepare()
    bring(province, "dossiers", [HEAD, dossier("T0", "H31")])
    bring(province, "figures", [FIGURES, "H31,commune,2024,,dossiers_resolved,10"])
    archived(1, "T0")
    archived(2, "D9", unit="L-xa-mot")
    assert rate("province") == (1, 1)
    assert rate("commune") == (1, 10)


def test_rows_of_one_commune_are_part_of_what_is_told_for_all_communes(province):
    house().prepare()
    bring(province, "dossiers", [HEAD, *(dossier(f"X{n}", "L-xa-mot") for n in range(4))])
    bring(province, "figures", [FIGURES, "H31,commune,2024,,dossiers_resolved,10"])
    archived(1, "X0")
    assert rate("commune") == (1, 10)


def test_a_correction_shows_though_the_rate_stays_the_same(province):
    house().prepare()
    bring(province, "dossiers", [HEAD, dossier("T0", "H31"), dossier("T1", "H31")])
    archived(1, "T0")
    close_period(report(None, "year", 2024, 1), "Năm 2024", "Trần Thị Bình")
    bring(province, "dossiers", [HEAD, dossier("T2", "H31"), dossier("T3", "H31")])
    archived(2, "T2")
    (closing,) = report(None, "year", 2024, 1).closings
    changed = {c.line: (c.was, c.now) for c in closing.corrections}
    assert changed["year / digitization_rate / province / tử số"] == (1, 2)
    assert changed["year / digitization_rate / province / mẫu số"] == (2, 4)


def test_a_loose_dossier_counts_once_though_papers_came_in_two_years_and_units(province):
    house().prepare()
    bring(
        province,
        "figures",
        [
            FIGURES,
            *(
                f"{unit},{level},{year},,dossiers_resolved,10"
                for unit, level in (("H31", "province"), ("L-xa-mot", "commune"))
                for year in (2023, 2024)
            ),
        ],
    )
    archived(1, "D1", at="2023-12-20")
    archived(2, "D1", at="2024-01-10")
    archived(3, "D1", at="2024-01-11", unit="L-xa-mot")
    assert [rate("province", 2023), rate("province", 2024)] == [(1, 10), (0, 10)]
    assert rate("commune", 2024) == (0, 10)


def test_a_paper_that_comes_after_the_year_does_not_make_its_dossier_incomplete_in_it(
    province, monkeypatch
):
    monkeypatch.setenv("SOHOA_COUNTING__PAPER_RULE", "all")
    house().prepare()
    bring(province, "dossiers", [HEAD, dossier("T0", "H31")])
    archived(1, "T0")
    archived(2, "T0", at="2025-02-01", state="in_review")
    assert rate("province") == (1, 1)


def test_the_months_of_a_trend_add_up_to_the_year(province):
    house().prepare()
    bring(
        province,
        "dossiers",
        [HEAD, dossier("T0", "H31", "2024-03-30"), dossier("T1", "H31", "2024-04-02")],
    )
    archived(1, "T0", at="2024-04-03")
    archived(2, "T1", at="2024-04-03")
    (line,) = [
        x
        for x in report(None, "year", 2024, 1).lines
        if (x.indicator, x.level) == ("digitization_rate", "province")
    ]
    assert sum(month.numerator for month in line.trend) == line.numerator == 2


def test_work_before_seven_in_the_morning_belongs_to_the_same_day(province):
    house().prepare()
    archived(1, "T0", facts={"officer": "An"})
    archived(2, "T1", facts={"officer": "An"}, hour="06:50")
    (officer,) = report(None, "year", 2024, 1).officers
    assert (officer.days, officer.per_day) == (1, 2.0)


def test_what_a_stock_had_reached_before_the_year_is_no_pace_of_the_year(province, monkeypatch):
    monkeypatch.setattr("tasks.house.House.today", lambda _: date(2022, 1, 31))
    house().prepare()
    rows = [f"K{n},1.0,H31,{n},2020-01-01," for n in range(1, 101)]
    bring(province, "results", [RESULTS, *rows])
    for ordinal in range(1, 41):
        archived(ordinal, f"K{ordinal}", at="2021-06-01")
    archived(41, "K41", at="2022-01-20")
    (line,) = [x for x in report(None, "year", 2022, 1).lines if x.level == "province"]
    assert (line.value, line.forecast) == (41.0, 51.77)  # 1 in 31 days of 365


def test_what_a_lot_brought_neither_breaks_a_sheet_nor_runs_in_it(province):
    house().prepare()
    archived(1, " =HYPERLINK(1)", state="in_review", facts={"operator": "Bưu\x0bđiện"})
    now = report(None, "year", 2024, 1)
    book = load_workbook(BytesIO(as_xlsx(now)))
    assert book["Tổ chức quét"]["A2"].value == "Bưuđiện"
    assert book["Còn thiếu"]["D2"].value == "' =HYPERLINK(1)"
    write_lacking(now.lacking, province / "thieu.csv")
    assert "' =HYPERLINK(1)" in (province / "thieu.csv").read_text(encoding="utf-8-sig")


def test_a_code_of_a_dossier_is_no_markup_on_the_page_of_a_run(province):
    house().prepare()
    bring(province, "dossiers", [HEAD, dossier("<img src=x>|", "H31")])
    assert "<img" not in page_of(report(None, "year", 2024, 1)).replace("\\<", "")


def becomes(paper, state, **more):
    """What a paper became after it was archived."""
    with house().registry.begin() as db:
        db.execute(papers.update().where(papers.c.id == paper).values(state=state, **more))


@pytest.mark.parametrize("rule", ["any", "all"])
def test_a_paper_replaced_after_the_year_counts_in_it_and_its_successor_later(
    province, monkeypatch, rule
):
    monkeypatch.setenv("SOHOA_COUNTING__PAPER_RULE", rule)
    house().prepare()
    rows = [dossier("T0", "H31"), dossier("T1", "H31", components=2), dossier("T2", "H31")]
    bring(province, "dossiers", [HEAD, *rows])
    for ordinal, code in enumerate(("T0", "T1", "T2"), start=1):
        archived(ordinal, code, result_code=f"{code}-KQ(1)")
    archived(4, "T1", at="2025-02-01", result_code="T1-KQ(2)")
    before = report(None, "year", 2024, 1)
    becomes("p-2", "superseded", replaced_by="p-4")
    after = report(None, "year", 2024, 1)
    assert rate("province") == ((3, 3) if rule == "any" else (2, 3))
    assert after.measured == before.measured
    becomes("p-3", "withdrawn")
    assert rate("province") == ((2, 3) if rule == "any" else (1, 3))


def test_a_paper_disposed_of_after_its_retention_was_archived_in_its_year(province):
    house().prepare()
    bring(province, "dossiers", [HEAD, dossier("T0", "H31")])
    archived(1, "T0")
    before = _all_rates()
    with house().registry.begin() as db:
        lifecycle.propose(db, "p-1", date(2025, 1, 1), by="Văn thư", at=house().now())
        lifecycle.entomb(db, "p-1", at=house().now())
        lifecycle.entomb(db, "p-1", at=house().now())  # a killed disposal begins again
    assert rate("province") == (1, 1)
    assert _all_rates() == before
    assert report(None, "year", 2024, 1).lacking == ()


def _all_rates():
    """What papers prove of dossiers and units, whatever a plan asks."""
    span = Span(date(2024, 1, 1), date(2024, 12, 31), datetime(2024, 12, 31, 17, tzinfo=UTC))
    names = ("archived", "reusable", "component_files", "electronic_result", "result_synced")
    with house().registry.read() as db:
        shares = [counting.cells(db, "dossiers_resolved", span, (name,), "any") for name in names]
        return shares, evidence.running_units(db, span.until)


def test_a_paper_archived_after_the_year_was_of_no_use_in_it(province):
    house().prepare()
    bring(province, "dossiers", [HEAD, dossier("T0", "H31", "2024-12-30")])
    archived(1, "T0", at="2024-12-30", archived_at=datetime(2025, 1, 5, tzinfo=UTC))
    (archive, use, *_), _ = _all_rates()
    assert [cell.met for cell in (*archive, *use)] == [0, 0]


def test_a_figure_that_today_would_be_refused_is_left_out_and_named(province, caplog):
    """It came when 1.234 was taken for a number; no report may stop at it, nor count it."""
    house().prepare()
    bring(province, "figures", [FIGURES, "H31,province,2024,0,dossiers_resolved,1234"])
    assert rate("province")[1] == 1234
    with house().registry.begin() as db:
        db.execute(figures.update().values(value=1.234))
    assert rate("province")[1] is None
    assert "dossiers_resolved" in caplog.text


def test_after_the_merger_a_code_of_before_counts_at_the_successor(province):
    house().prepare()
    rows = [dossier("X1", "L-xa-mot", "2026-03-05"), dossier("H1", "L-huyen-mot", "2026-03-05")]
    bring(province, "dossiers", [HEAD, *rows])
    archived(1, "X1", at="2026-03-06")
    now = report("plan-5755", "year", 2026, 1)
    (level,) = [x for x in now.levels if x.level == "commune"]
    assert (level.digitized, level.resolved) == (1, 2)
    assert now.unassigned == 0


def test_what_is_asked_of_a_year_is_not_judged_by_a_quarter(province, monkeypatch):
    monkeypatch.setenv("SOHOA_PLAN", "ninh-binh")
    house().prepare()
    rows = [f"H42,province,2023,{month},dossiers_received,2000" for month in range(1, 13)]
    bring(province, "figures", [FIGURES, *rows, "H42,province,2023,,one_stop_staff,10"])

    def judged(kind):
        (line,) = [
            x
            for x in report(None, kind, 2023, 1).lines
            if (x.indicator, x.level) == ("productivity", "province")
        ]
        return line.value, line.met, line.gap_points

    assert judged("year") == (2400.0, True, 800.0)
    assert judged("quarter") == (600.0, None, None)


def test_a_closed_period_that_somebody_changed_is_not_shown_as_signed_off(province):
    house().prepare()
    bring(province, "dossiers", [HEAD, dossier("T0", "H31")])
    close_period(report(None, "year", 2024, 1), "Năm 2024", "Trần Thị Bình")
    assert closed_report("Năm 2024").year == 2024
    with house().registry.begin() as db:
        changed = {**db.execute(select(closings.c.report)).scalar_one(), "unassigned": 5}
        db.execute(closings.update().values(report=changed))
    for look in (lambda: closed_report("Năm 2024"), lambda: report(None, "year", 2024, 1)):
        with pytest.raises(IntegrityFault, match="Năm 2024"):
            look()


def test_a_sheet_is_read_to_its_end_whatever_size_it_claims(province):
    book = Workbook()
    book.active.append(FIGURES.split(","))
    for month in range(1, 7):
        book.active.append(["H31", "province", 2024, month, "dossiers_resolved", 10])
    book.save(province / "honest.xlsx")
    with ZipFile(province / "honest.xlsx") as old, ZipFile(province / "f.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(b'ref="A1:F7"', b'ref="A1:F2"')
            new.writestr(name, content)
    assert import_file("figures", province / "f.xlsx").imported == 6


def test_a_unit_tells_nothing_of_a_level_above_its_own(province):
    rows = ["L-xa-mot,commune,2024,,dossiers_resolved,10"]
    assert bring(province, "figures", [FIGURES, *rows]).imported == 1
    with pytest.raises(DocumentFault, match=r"dòng 3, cột level: .*Cấp xã"):
        bring(province, "figures", [FIGURES, *rows, "L-xa-mot,province,2024,,dossiers_resolved,1"])


def test_what_one_commune_tells_is_part_of_what_is_told_for_all(province):
    house().prepare()
    told = ["H31,commune", "L-xa-mot,commune"]
    bring(
        province,
        "figures",
        [
            FIGURES,
            *(f"{who},2024,,dossiers_resolved,{n}" for who, n in zip(told, (100, 10), strict=True)),
            *(
                f"{who},2024,,digitization_rate.numerator,{n}"
                for who, n in zip(told, (60, 4), strict=True)
            ),
        ],
    )
    assert rate("commune") == (60, 100)


@pytest.mark.parametrize(("name", "by"), [("Năm 2024", None), (None, "Trần Thị Bình")])
def test_half_a_closing_is_refused_not_passed_over(province, name, by):
    house().prepare()
    with pytest.raises(Undecided, match="chốt"):
        progress.fn(None, "year", 2024, 1, name, by)
