"""The report of a period against a plan: made from the registry, frozen when it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from sqlalchemy import Connection, RowMapping

from catalogues.plan_files import load_plan
from domain.errors import DocumentFault
from domain.indicators import (
    QD766,
    SOURCES,
    Formula,
    UnitCount,
    formula_of,
    percentage,
    total,
    value_of,
)
from domain.masking import mask_file
from domain.period import Kind, Period, View, period, views
from domain.plan import LEVEL_NAMES, Plan, Target
from domain.plan_report import (
    Durations,
    Lack,
    Measured,
    Officer,
    Operator,
    PlanReport,
    calendar,
    due_of,
    odd_period,
    quantile,
)
from domain.progress import level_line, line, targets_in_view
from domain.states import PAPER_STATE_NAMES, PaperState
from storage.registry import counting, paper_counts
from storage.registry.progress import papers_without_dossier
from tasks.closings import closings_in
from tasks.house import VIETNAM, House, house
from tasks.indicators import Counter
from tasks.kept_counts import report_transaction
from tasks.step import step

_SHOWN = 200


@step("report")
def report(plan_id: str | None, kind: Kind, year: int, number: int) -> PlanReport:
    """The report of a period; every view of it reads the registry in one transaction."""
    here = house()
    here.registry.migrate()
    plan = load_plan(plan_id, here.settings.catalogue) if plan_id else here.plan
    span = _span(here, kind, year, number)
    with report_transaction(here) as db:
        made = plan_report(here, db, plan, span)
        kept = closings_in(db, made)
    return made.model_copy(update={"closings": kept})


def _span(here: House, kind: Kind, year: int, number: int) -> Period:
    try:
        return period(kind, year, number, here.settings.counting)
    except ValueError as error:
        raise DocumentFault("bad_period", f"Kỳ báo cáo sai: {error}.") from error


def plan_report(here: House, db: Connection, plan: Plan, span: Period) -> PlanReport:
    """Every number of a period, from rows and figures as they are now."""
    rules, now = here.settings.counting, here.now()
    counter, names = Counter(here, db), here.catalogue_names
    since, until = _moments(span)
    lines = []
    for view in views(span):
        known: dict[Formula, list[UnitCount]] = {}
        for target in targets_in_view(plan, span.year, view):
            basis = rules.denominators.get(target.indicator)
            formula = formula_of(target, rules.paper_rule, basis)
            if formula not in known:
                known[formula] = counter.counts(formula, view)
            counts = counter.of_target(target, known[formula])
            lines.append(
                line(
                    target,
                    formula,
                    view,
                    counts,
                    whole=counter.persons(formula, counts, view),
                    trend=counter.trend(formula, target, view, here.today()),
                    today=here.today(),
                    holidays=rules.holidays,
                    names=names,
                    untold_months=counter.untold_months(formula, view, here.today()),
                    before=counter.before(formula, target, view),
                    ahead=counter.ahead(formula, view),
                )
            )
    main = digitization(here, db, plan, span)
    reports = calendar(plan, span, here.today())
    due, due_source = due_of(span, reports)
    return PlanReport(
        **dict(main),
        authority=plan.authority,
        period=span,
        as_of=now,
        due=due,
        due_source=due_source,
        days_left=(due - here.today()).days,
        place=plan.reporting.place,
        lines=tuple(lines),
        measured=tuple(_measured(counter, views(span)[0])),
        fields=tuple(_fields(counter, plan, views(span)[0], here)),
        papers=paper_counts.paper_figures(db, since, until),
        durations=_durations(paper_counts.pipeline_seconds(db, since, until)),
        operators=tuple(map(_operator, paper_counts.operators(db, since, until))),
        officers=tuple(map(_officer, paper_counts.officers(db, since, until))),
        calendar=reports,
        lacking=tuple(_lacking(db, span, names, _SHOWN)),
        remarks=tuple(_remarks(plan, span)),
    )


def digitization(here: House, db: Connection, plan: Plan, span: Period) -> dict[str, object]:
    """The digitization rate per level in the whole period: the fields of `Progress`."""
    counter, view = Counter(here, db), views(span)[0]
    rules = here.settings.counting
    goals = {t.level: t for t in plan.of_year(span.year, "digitization_rate") if not t.area}
    sample = next(iter(goals.values()), None) or Target(level="all", year=span.year, value=100)
    formula = formula_of(sample, rules.paper_rule, rules.denominators.get("digitization_rate"))
    counts = counter.counts(formula, view)
    present = {row.level for row in counts if row.denominator is not None}
    levels = [name for name in view.levels if name in goals or name in present]
    since, until = _moments(span)
    return {
        "plan": plan.id,
        "plan_name": plan.name,
        "year": span.year,
        "formula": formula.text,
        "levels": tuple(
            level_line(
                goals.get(name),
                name,
                [row for row in counts if row.level and name in {row.level, "all"}],
            )
            for name in levels
        ),
        "unassigned": int(sum(row.numerator or 0 for row in counts if not row.level)),
        "without_dossier": papers_without_dossier(db, since, until),
    }


def _moments(span: Period) -> tuple[datetime, datetime]:
    since = datetime.combine(span.first, time(), VIETNAM)
    return since, datetime.combine(span.last + timedelta(days=1), time(), VIETNAM)


def _measured(counter: Counter, view: View) -> list[Measured]:
    """The indicators of QĐ 766, group 4, for all levels together."""
    return [_in_total(formula, counter.counts(formula, view), "all") for formula in QD766]


def _fields(counter: Counter, plan: Plan, view: View, here: House) -> list[Measured]:
    goals = [t for t in plan.of_year(view.last.year, "digitization_rate") if not t.area]
    if not goals:
        return []
    formula = formula_of(goals[0], here.settings.counting.paper_rule)
    by_field: dict[str, list[UnitCount]] = {}
    for row in counter.counts(formula, view):
        if row.field:
            by_field.setdefault(row.field, []).append(row)
    return [_in_total(formula, rows, "all", name) for name, rows in sorted(by_field.items())]


def _in_total(
    formula: Formula, counts: list[UnitCount], level: str, name: str | None = None
) -> Measured:
    top, whole = total(counts)
    known = sorted({row.source for row in counts if row.denominator is not None})
    return Measured(
        name=name or formula.name,
        version=formula.version,
        formula=formula.text,
        level=LEVEL_NAMES.get(level, level),  # type: ignore[call-overload]  # a level by name
        numerator=top,
        denominator=whole,
        value=value_of(formula, top, whole),
        data="; ".join(SOURCES[source] for source in known) or SOURCES["none"],
    )


def _durations(seconds: list[float]) -> Durations:
    return Durations(
        papers=len(seconds),
        median_seconds=quantile(seconds, 0.5),
        p95_seconds=quantile(seconds, 0.95),
    )


def _operator(work: paper_counts.OperatorWork) -> Operator:
    return Operator(
        name=work.operator or "Đơn vị tự quét",
        scans=work.scans,
        set_aside=work.set_aside,
        papers=work.papers,
        rejected=work.faulty,
        error_rate=percentage(work.set_aside + work.faulty, work.scans + work.papers),
    )


def _officer(work: paper_counts.OfficerWork) -> Officer:
    return Officer(
        name=work.officer or "(không nêu)",
        scans=work.scans,
        papers=work.papers,
        archived=work.archived,
        rejected=work.rejected,
        days=work.days,
        per_day=round(work.archived / work.days, 2) if work.days else None,
    )


def everything_lacking(kind: Kind, year: int, number: int) -> list[Lack]:
    """All papers and dossiers of a period that do not count yet (the report shows the first)."""
    here = house()
    here.registry.migrate()
    span = _span(here, kind, year, number)
    with here.registry.read() as db:
        return _lacking(db, span, here.catalogue_names, None)


def _lacking(
    db: Connection, span: Period, names: Mapping[str, str], limit: int | None
) -> list[Lack]:
    """Papers that do not count yet with the condition each lacks, then dossiers without a paper."""
    since, until = _moments(span)
    papers = [_lack(row, names) for row in paper_counts.lacking(db, since, limit)]
    whole = counting.Span(span.first, span.last, until)
    empty = [
        Lack(
            kind="dossier",
            id=row["code"],
            name=row["procedure"],
            unit=row["unit"],
            unit_name=names.get(row["unit"], row["unit"]),
            dossier=row["code"],
            state="chưa có giấy tờ",
            lacks=("digitized", "signed", "archived"),
        )
        for row in paper_counts.dossiers_without_papers(db, whole, limit)
    ]
    return [*papers, *empty]


def _lack(row: RowMapping, names: Mapping[str, str]) -> Lack:
    state = PaperState(row["state"])
    met = {
        "digitized": row["code"] is not None,
        "reviewed": state is not PaperState.IN_REVIEW,
        "signed": row["signed"] is not None or row["detached"] is not None,
        "archived": state is PaperState.ARCHIVED,
        "dossier": row["dossier"] is not None,
    }
    return Lack(
        kind="paper",
        id=row["id"],
        name=mask_file(row["scan_id"], row["scan"]),
        unit=row["unit"],
        unit_name=names.get(row["unit"], row["unit"]),
        dossier=row["dossier"] or "",
        state=PAPER_STATE_NAMES[state],
        lacks=tuple(name for name, done in met.items() if not done),
    )


def _remarks(plan: Plan, span: Period) -> list[str]:
    said = []
    if not plan.of_year(span.year):
        said.append(f"Kế hoạch không có chỉ tiêu cho năm {span.year}.")
    odd = odd_period(plan, span)
    said += [odd] if odd else []
    said += [
        f"{entry.source}: «{entry.phrase}» – {entry.note}"
        for entry in plan.contradictions
        if entry.year == span.year
    ]
    return said
