"""Dossiers count once, at their competent unit, as the plan says; every format shows one number."""

import json
import re
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from domain.errors import AlreadyExists, DocumentFault
from flows.progress import progress
from tasks.closings import close_period, closed_report
from tasks.figures import import_file
from tasks.house import house
from tasks.plan_report import report
from tasks.report_docx import as_docx
from tasks.report_html import as_html
from tasks.report_words import number
from tasks.report_xlsx import as_xlsx
from tests.flows.counted import HEAD, archived, bring, dossier

GOLDEN = Path(__file__).parents[1] / "golden" / "hung-yen-2024.json"


def level(now, name):
    return next(row for row in now.levels if row.level == name)


def year_2024(folder):
    """3 of 4 dossiers of the province, 1 of 2 of the district, 2 of 4 of the commune."""
    house().prepare()
    rows = [HEAD]
    rows += [dossier(f"T{n}", "H31") for n in range(4)]
    rows += [dossier(f"H{n}", "L-huyen-mot") for n in range(2)]
    rows += [dossier(f"X{n}", "L-xa-mot") for n in range(4)]
    bring(folder, "dossiers", rows)
    for at, code in enumerate(("T0", "T1", "T2", "H0", "X0", "X1"), start=1):
        archived(at, code)


def test_a_dossier_counts_once_at_its_competent_unit(province):
    year_2024(province)
    archived(7, "X1", likeness="like-6")  # the same paper scanned again
    archived(8, "X1")  # another paper of the same dossier
    now = report(None, "year", 2024, 1)
    assert (level(now, "province").digitized, level(now, "province").rate) == (3, 75.0)
    assert level(now, "commune").rate == 50.0  # received at H31, counted at the commune
    assert now.papers["archived"] == 7


def test_all_numbers_are_those_worked_out_by_hand(province):
    year_2024(province)
    now = report(None, "year", 2024, 1)
    lines = [
        [x.level, x.target, x.numerator, x.denominator, x.value, x.gap_points, x.gap_units]
        for x in now.lines
        if x.indicator == "digitization_rate"
    ]
    assert lines == json.loads(GOLDEN.read_text(encoding="utf-8"))["digitization_rate"]


def test_every_format_shows_the_same_numbers(province):
    year_2024(province)
    now = report(None, "year", 2024, 1)
    page = as_html(now).decode()
    letter = ZipFile(BytesIO(as_docx(now))).read("word/document.xml").decode()
    sheet = load_workbook(BytesIO(as_xlsx(now)))["Chỉ tiêu"]
    assert not re.search(r"(src|href)=", page)
    for at, line in enumerate(now.lines, start=6):
        for text in (number(line.value), number(line.gap_points)):
            assert text in page
            assert text in letter
        assert sheet.cell(at, 4).value == line.target
        if line.denominator:
            assert sheet.cell(at, 7).value == f"=ROUND(100*MIN(E{at},F{at})/F{at},2)"
            assert round(100 * sheet.cell(at, 5).value / sheet.cell(at, 6).value, 2) == line.value


def test_a_closed_period_stays_and_later_corrections_show(province):
    year_2024(province)
    before = report(None, "year", 2024, 1)
    close_period(before, "Năm 2024", "Trần Thị Bình")
    archived(20, "T3", at="2024-04-01")
    now = report(None, "year", 2024, 1)
    (closing,) = now.closings
    assert closing.closed_by == "Trần Thị Bình"
    changed = {c.line: (c.was, c.now) for c in closing.corrections}
    assert changed["year / digitization_rate / province"] == (75.0, 100.0)
    assert level(closed_report("Năm 2024"), "province").rate == 75.0
    with pytest.raises(AlreadyExists):
        close_period(now, "Năm 2024", "Trần Thị Bình")


def test_what_was_archived_after_the_period_does_not_count_in_it(province):
    year_2024(province)
    archived(9, "T3", at="2025-01-05")
    assert level(report(None, "year", 2024, 1), "province").rate == 75.0


def test_2025_is_shown_in_three_and_in_two_levels_with_successors(province):
    house().prepare()
    rows = [
        HEAD,
        dossier("X1", "L-xa-mot", "2025-05-05"),
        dossier("H1", "L-huyen-mot", "2025-05-05"),
        dossier("X2", "L-xa-hai", "2025-08-05"),
        dossier("X3", "L-xa-mot", "2025-09-05"),
    ]
    bring(province, "dossiers", rows)
    archived(1, "X1", at="2025-05-06")
    archived(2, "X3", at="2025-09-06")
    now = report(None, "year", 2025, 1)
    shown = {
        (x.view, x.level): (x.numerator, x.denominator)
        for x in now.lines
        if x.indicator == "digitization_rate"
    }
    assert shown["three_levels", "district"] == (0, 1)
    assert shown["three_levels", "commune"] == (1, 1)
    assert ("two_levels", "district") not in shown
    assert shown["two_levels", "commune"] == (1, 2)
    heirs = next(x for x in now.lines if (x.view, x.level) == ("two_levels", "commune"))
    assert {unit.unit for unit in heirs.units} == {"L-xa-hai"}


def test_all_papers_of_a_dossier_when_the_province_counts_so(province, monkeypatch):
    monkeypatch.setenv("SOHOA_COUNTING__PAPER_RULE", "all")
    house().prepare()
    bring(province, "dossiers", [HEAD, dossier("T0", "H31", components=2)])
    archived(1, "T0")
    assert level(report(None, "year", 2024, 1), "province").rate == 0
    archived(2, "T0")
    now = report(None, "year", 2024, 1)
    assert level(now, "province").rate == 100
    assert "đủ số thành phần" in now.formula


def test_results_still_valid_are_the_denominator_where_the_text_says_so(province):
    house().prepare()
    head = "code,procedure,competent_unit,number,issued_on,valid_until"
    bring(
        province,
        "results",
        [
            head,
            "K1,1.0,H31,1/GP,2020-01-01,",
            "K2,1.0,H31,2/GP,2020-01-01,2022-12-31",
            "K3,1.0,H31,3/GP,2020-01-01,2021-01-01",  # no longer valid in 2022
            "K4,1.0,H31,4/GP,2023-01-01,",  # not issued yet
        ],
    )
    archived(1, None, number="2/GP", issue_date=date(2020, 1, 1), at="2022-06-01")
    line = next(x for x in report(None, "year", 2022, 1).lines if x.level == "province")
    assert (line.numerator, line.denominator, line.value) == (1, 2, 50.0)


def test_means_and_productivity_come_from_imported_figures(province, monkeypatch):
    monkeypatch.setenv("SOHOA_PLAN", "ninh-binh")
    house().prepare()
    bring(
        province,
        "figures",
        [
            "unit,level,year,indicator,value",
            "H42,province,2022,waiting_minutes,10",
            "H42,province,2022,visits,30",
            "L-xa-mot,commune,2022,waiting_minutes,20",
            "L-xa-mot,commune,2022,visits,10",
            "H42,province,2023,dossiers_received,3200",
            "H42,province,2023,one_stop_staff,2",
        ],
    )
    lines = {x.indicator: x for x in report(None, "year", 2022, 1).lines}
    assert lines["waiting_minutes"].value == 12.5
    (made,) = [
        x
        for x in report(None, "year", 2023, 1).lines
        if (x.indicator, x.level) == ("productivity", "province")
    ]
    assert (made.value, made.met) == (1600.0, True)


def test_a_contractor_has_volumes_and_an_error_rate_of_its_own(province):
    house().prepare()
    archived(1, "T0", facts={"operator": "Bưu điện (mẫu)"})
    archived(2, "T1", facts={"operator": "Bưu điện (mẫu)"}, state="rejected")
    archived(3, "T2")
    work = {o.name: (o.scans, o.rejected) for o in report(None, "year", 2024, 1).operators}
    assert work == {"Bưu điện (mẫu)": (2, 1), "Đơn vị tự quét": (1, 0)}


def test_the_drill_down_names_the_conditions_that_a_paper_lacks(province):
    house().prepare()
    archived(1, "T0", state="in_review")
    archived(2, None)
    lacks = {x.id: x.lacks for x in report(None, "year", 2024, 1).lacking}
    assert lacks == {"p-1": ("digitized", "reviewed", "signed", "archived"), "p-2": ("dossier",)}


def test_every_wrong_row_is_named_and_nothing_is_imported(province):
    house().prepare()
    with pytest.raises(DocumentFault) as caught:
        bring(
            province,
            "dossiers",
            [HEAD, dossier("A", "H31"), dossier("B", "H31", "05/03/2024"), dossier("", "H31")],
        )
    said = str(caught.value)
    assert "dòng 3, cột received_on" in said
    assert "dòng 4, cột code" in said
    assert level(report(None, "year", 2024, 1), "province").resolved is None


def test_an_import_may_be_repeated_and_a_workbook_says_the_same(province):
    house().prepare()
    rows = [HEAD, dossier("A", "H31"), dossier("A", "H31")]
    assert bring(province, "dossiers", rows).repeated == 1
    book = Workbook()
    book.active.append(HEAD.split(","))
    book.active.append(
        [
            "A",
            "1.000894",
            "Hộ tịch",
            1,
            "H31",
            "H31",
            date(2024, 3, 5),
            date(2024, 3, 5),
            "resolved",
        ]
    )
    book.save(province / "d.xlsx")
    assert import_file("dossiers", province / "d.xlsx").imported == 1
    assert level(report(None, "year", 2024, 1), "province").resolved == 1


def test_the_flow_leaves_the_three_files(province):
    year_2024(province)
    folder = progress.fn(None, "year", 2024)
    made = sorted(file.suffix for file in folder.iterdir())
    assert made == [".docx", ".html", ".xlsx"]
