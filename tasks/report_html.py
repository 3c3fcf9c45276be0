"""The report as one HTML page without any outside resource: tables, and charts as inline SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from textwrap import shorten

from domain.plan_report import PlanReport
from domain.progress import Line
from tasks.report_words import (
    COLUMNS,
    LACKING,
    NONE,
    OFFICERS,
    cells,
    deadline,
    due_reports,
    lacking_cells,
    number,
    place,
    threshold,
    title,
    whole,
)

_STYLE = """
body{font:15px/1.5 "Liberation Sans",Arial,sans-serif;margin:2rem auto;max-width:1100px;
padding:0 1rem;color:#1c2733}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{border:1px solid #c8d0d8;
padding:4px 6px;text-align:left;vertical-align:top}th{background:#eef2f6}td.n{text-align:right;
white-space:nowrap}.met{color:#0a6b2d}.short{color:#a3201d}.note{color:#54616e;font-size:13px}
svg text{font:12px "Liberation Sans",Arial,sans-serif;fill:#1c2733}details{margin:.3rem 0}
"""
_WIDTH = 480
_LABEL = 470
_BAR = 24
_DASHED = 'stroke-dasharray="4 3"'
_LETTERS = 76
"""Of a label at 12 px, beside the bars."""
_CHART_WIDTH, _CHART_HEIGHT, _CHART_LEFT, _CHART_TOP = 520, 100, 34, 12
_NUMERIC = frozenset(range(3, 10))


def as_html(now: PlanReport) -> bytes:
    """The page, UTF-8; it loads nothing from anywhere."""
    shares = [line for line in now.lines if line.measure == "percent"]
    body = [
        f"<h1>{escape(title(now))}</h1>",
        f"<p>{escape(now.plan_name)}</p>",
        f"<p>{escape(deadline(now))} Số liệu lúc {now.as_of:%H:%M %d/%m/%Y}.</p>",
        *(f'<p class="note">{escape(said)}</p>' for said in (*due_reports(now), *now.remarks)),
    ]
    for view in dict.fromkeys(line.view for line in now.lines):
        mine = [line for line in now.lines if line.view == view]
        body.append(f"<h2>{escape(mine[0].view_name)}</h2>")
        body.append(_bars([line for line in shares if line.view == view]))
        body.append(_table(COLUMNS, (cells(line) for line in mine)))
        body += [_details(line) for line in mine]
    body += [
        "<h2>Chỉ số QĐ 766 và theo lĩnh vực</h2>",
        _table(
            ("Chỉ số", "Công thức", "Tử số", "Mẫu số", "Giá trị %", "Số liệu"),
            (
                (
                    m.name,
                    f"{m.formula} ({m.version})",
                    whole(m.numerator),
                    whole(m.denominator),
                    number(m.value),
                    m.data,
                )
                for m in (*now.measured, *now.fields)
            ),
            numeric=frozenset({2, 3, 4}),
        ),
        "<h2>Giấy tờ (đếm riêng, không vào tỷ lệ)</h2>",
        _table(
            ("Đã tạo", "Số hóa", "Ký số", "Lưu trữ", "Tìm lại được"),
            [
                tuple(
                    map(
                        str,
                        (
                            now.papers.get(k, 0)
                            for k in ("papers", "digitized", "signed", "archived", "reusable")
                        ),
                    )
                )
            ],
        ),
        (
            f"<p>Từ lúc nhận bản quét đến lúc lưu trữ, {now.durations.papers} giấy tờ: trung vị "
            f"{number(now.durations.median_seconds)} giây, p95 {number(now.durations.p95_seconds)} "
            "giây.</p>"
        ),
        _table(
            ("Tổ chức quét", "Bản quét", "Để riêng", "Giấy tờ", "Bị loại", "Tỷ lệ lỗi %"),
            (
                (
                    o.name,
                    str(o.scans),
                    str(o.set_aside),
                    str(o.papers),
                    str(o.rejected),
                    number(o.error_rate),
                )
                for o in now.operators
            ),
            numeric=frozenset(range(1, 6)),
        ),
        "<h2>Năng suất theo cán bộ quét</h2>",
        _table(
            OFFICERS,
            (
                (
                    *map(str, (o.name, o.scans, o.papers, o.archived, o.rejected, o.days)),
                    number(o.per_day),
                )
                for o in now.officers
            ),
            numeric=frozenset(range(1, 7)),
        ),
        f"<h2>Chưa tính được: {len(now.lacking)} giấy tờ, hồ sơ đầu tiên</h2>",
        '<p class="note">Danh sách đủ: sohoa progress --lacking TEP.csv</p>',
        _table(LACKING, map(lacking_cells, now.lacking), numeric=frozenset()),
        *(_closing(now)),
    ]
    return (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title(now))}</title><style>{_STYLE}</style></head><body>"
        + "\n".join(body)
        + "</body></html>\n"
    ).encode()


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], numeric: frozenset[int] = _NUMERIC
) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{' class=n' if at in numeric else ''}>{escape(str(cell))}</td>"
            for at, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><tr>{top}</tr>{body}</table>"


def _bars(lines: Sequence[Line]) -> str:
    """One bar per target: the value filled, the threshold as a mark."""
    drawn = []
    for at, line in enumerate(lines):
        y = at * (_BAR + 10) + 4
        value = line.value or 0.0
        colour = "#9aa7b3" if line.value is None else "#1e8a45" if line.met else "#c0392b"
        label = shorten(f"{place(line)}: {line.name}", _LETTERS, placeholder=" …")
        said = NONE if line.value is None else f"{number(line.value)} % / {threshold(line)}"
        mark = _LABEL + line.target / 100 * _WIDTH
        drawn.append(
            f'<text x="0" y="{y + 16}">{escape(label)}</text>'
            f'<rect x="{_LABEL}" y="{y}" width="{_WIDTH}" height="{_BAR}" fill="#eef2f6"/>'
            f'<rect x="{_LABEL}" y="{y}" width="{value / 100 * _WIDTH:.1f}" height="{_BAR}" '
            f'fill="{colour}" fill-opacity=".55"/>'
            f'<line x1="{mark:.1f}" x2="{mark:.1f}" y1="{y - 3}" y2="{y + _BAR + 3}" '
            'stroke="#1c2733" stroke-width="2"/>'
            f'<text x="{_LABEL + 8}" y="{y + 16}">{escape(said)}</text>'
        )
    height = len(lines) * (_BAR + 10) + 8
    return (
        f'<svg role="img" aria-label="Giá trị và ngưỡng" '
        f'viewBox="0 0 {_LABEL + _WIDTH + 10} {height}" '
        f'width="100%">{"".join(drawn)}</svg>'
    )


def _details(line: Line) -> str:
    ranking = "".join(
        f"<tr><td class=n>{unit.rank or '–'}</td><td>{escape(unit.name)}</td>"
        f"<td class=n>{whole(unit.numerator)}</td><td class=n>{whole(unit.denominator)}</td>"
        f"<td class=n>{number(unit.value)}</td></tr>"
        for unit in line.units
    )
    months = ", ".join(f"{month.month}: {number(month.value)}" for month in line.trend)
    return (
        f"<details><summary>{escape(line.name)}, {escape(place(line))}</summary>"
        f'<p class="note">«{escape(line.phrase)}» ({escape(line.source)})<br>'
        f"Công thức: {escape(line.formula)} [{escape(line.formula_name)}, "
        f"{escape(line.formula_version)}]. Số liệu: {escape(line.data)}.<br>"
        f"Dự báo: {escape(line.assumption)}. Theo tháng: {escape(months or NONE)}.</p>"
        f"{_line_chart(line)}"
        "<table><tr><th>Hạng</th><th>Đơn vị</th><th>Tử số</th><th>Mẫu số</th><th>Giá trị</th></tr>"
        f"{ranking}</table></details>"
    )


def _line_chart(line: Line) -> str:
    """Month by month, with the threshold dashed; only for shares."""
    known = [(at, month) for at, month in enumerate(line.trend) if month.value is not None]
    if len(known) < 2 or line.measure != "percent":  # noqa: PLR2004 - a line has two ends
        return ""
    step = (_CHART_WIDTH - _CHART_LEFT - 20) / max(1, len(line.trend) - 1)

    def x(at: int) -> float:
        return _CHART_LEFT + 8 + at * step

    def y(value: float) -> float:
        return _CHART_TOP + (100 - value) / 100 * _CHART_HEIGHT

    right = _CHART_WIDTH - 4
    drawn = [
        f'<line x1="{_CHART_LEFT}" x2="{right}" y1="{y(mark):.0f}" y2="{y(mark):.0f}" '
        f'stroke="#dfe5ea"/><text x="{_CHART_LEFT - 4}" y="{y(mark) + 4:.0f}" '
        f'text-anchor="end">{mark}</text>'
        for mark in (0, 50, 100)
    ]
    drawn += [
        f'<text x="{x(at):.0f}" y="{_CHART_TOP + _CHART_HEIGHT + 16}" text-anchor="middle">'
        f"T{int(month.month[5:])}</text>"
        for at, month in enumerate(line.trend)
    ]
    path = " ".join(f"{x(at):.0f},{y(month.value or 0):.0f}" for at, month in known)
    drawn += [
        f'<path d="M{_CHART_LEFT} {y(line.target):.0f}H{right}" stroke="#1c2733" {_DASHED}/>',
        f'<polyline points="{path}" fill="none" stroke="#2471a3" stroke-width="2"/>',
    ]
    drawn += [
        f'<circle cx="{x(at):.0f}" cy="{y(month.value or 0):.0f}" r="3" fill="#2471a3"><title>'
        f"{month.month}: {number(month.value)} % ({whole(month.numerator)}/"
        f"{whole(month.denominator)})</title></circle>"
        for at, month in known
    ]
    return (
        f'<svg role="img" aria-label="Theo tháng" viewBox="0 0 {_CHART_WIDTH} '
        f'{_CHART_HEIGHT + 36}" width="{_CHART_WIDTH}">{"".join(drawn)}</svg>'
    )


def _closing(now: PlanReport) -> list[str]:
    said = []
    for closing in now.closings:
        said.append(
            f"<h2>Đã chốt số liệu «{escape(closing.name)}»</h2><p>{escape(closing.closed_by)}, "
            f"{closing.closed_at:%H:%M %d/%m/%Y}, SHA-256 {closing.digest}</p>"
        )
        said.append(
            _table(
                ("Số liệu đổi sau khi chốt", "Lúc chốt", "Bây giờ"),
                ((c.line, number(c.was), number(c.now)) for c in closing.corrections),
                numeric=frozenset({1, 2}),
            )
            if closing.corrections
            else "<p>Không có số liệu nào đổi sau khi chốt.</p>"
        )
    return said
