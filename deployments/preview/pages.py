"""The preview's pages: log-in, queue, one paper, and what was read as a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from jinja2 import DictLoader, Environment

from tasks.review_preview import PaperView, Waiting

_HEAD = """<!doctype html><html lang="vi"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{{ title }}</title><style>
body{font:16px/1.5 system-ui,sans-serif;margin:1.5rem auto;max-width:72rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:.3rem .5rem;
text-align:left;vertical-align:top}th{background:#f3f3f3}img{max-width:100%;border:1px solid #bbb}
.doubt{background:#fff3cd}.late{color:#b00020}label{display:block;margin:.6rem 0}
input,button{font:inherit;padding:.3rem .5rem}</style></head><body><h1>{{ title }}</h1>"""

_LOGIN = """{% if fault %}<p class="late" role="alert">{{ fault }}</p>{% endif %}
<form method="post"><label>Mã người duyệt
<input name="code" autocomplete="username" required></label>
<label>PIN <input name="pin" type="password" autocomplete="current-password" required></label>
<button>Đăng nhập</button></form></body></html>"""

_QUEUE = """<p>{{ total }} giấy tờ chờ người duyệt. Quyết định ở biểu mẫu trong giao diện Prefect
(deployment <code>review</code>, trạng thái Suspended).</p>
<table><tr><th>Giấy tờ</th><th>Còn ngờ</th><th>Đơn vị</th><th>Hạn</th><th>Phiếu</th></tr>
{% for row in rows %}<tr><td><a href="papers/{{ row.paper_id }}">{{ row.paper_id[:8] }}</a></td>
<td>{{ "hậu kiểm" if row.purpose == "sample" else row.doubted | join(", ") }}</td>
<td>{{ row.unit }}</td><td{% if row.overdue %} class="late"{% endif %}>{{ row.due_at }}</td>
<td>{{ "đã mở" if row.on_form else "đang chờ" }}</td></tr>{% endfor %}</table>
<p>{% if page > 1 %}<a href="?page={{ page - 1 }}">← Trước</a>{% endif %}
{% if more %}<a href="?page={{ page + 1 }}">Sau →</a>{% endif %}</p></body></html>"""

_PAPER = """<p>Tệp {{ paper.file }}; trạng thái: {{ paper.state }};
đơn vị: {{ paper.unit or "chưa rõ" }}; hồ sơ: {{ paper.dossier or "không ghi" }}.
<a href="../queue">Hàng đợi</a></p>
{% if paper.reasons %}<h2>Vì sao cần người xem</h2><ul>
{% for reason in paper.reasons %}<li>{{ reason }}</li>{% endfor %}</ul>{% endif %}
<h2>Đã đọc được</h2><p>Loại: <b>{{ paper.type_name }}</b>. {{ paper.evidence | join(" ") }}</p>
<table><tr><th>Trường</th><th>Giá trị</th><th>Tin cậy</th><th>Còn ngờ</th>
<th>Trên giấy</th></tr>
{% for field in paper.fields %}<tr{% if field.doubts %} class="doubt"{% endif %}>
<td>{{ field.label }}</td><td>{{ field.value }}</td>
<td>{{ "%d %%" | format(field.confidence * 100) }}</td>
<td>{{ field.doubts | join("; ") }}</td><td>{% if field.has_crop %}
<img src="{{ paper.id }}/crops/{{ field.name }}" alt="{{ field.label }}">
{% endif %}</td></tr>{% endfor %}</table><h2>Các trang</h2>
{% for page in paper.pages %}<p>
<img src="{{ paper.id }}/pages/{{ page }}" alt="Trang {{ page }}"></p>
{% endfor %}</body></html>"""

_PAGES = Environment(
    loader=DictLoader({"login": _HEAD + _LOGIN, "queue": _HEAD + _QUEUE, "paper": _HEAD + _PAPER}),
    autoescape=True,
)
_SVG = Environment(
    loader=DictLoader(
        {
            "lines": """<svg xmlns="http://www.w3.org/2000/svg" width="620" height="{{ height }}">
<rect width="100%" height="100%" fill="#fff" stroke="#bbb"/>
{% for text, doubted in lines %}<text x="12" y="{{ 26 + loop.index0 * 22 }}"
font-family="sans-serif" font-size="15" fill="{{ "#b00020" if doubted else "#111" }}"
>{{ text }}</text>{% endfor %}</svg>"""
        }
    ),
    autoescape=True,
)
_SVG_CHARACTERS = 74


def login_page(fault: str | None = None) -> str:
    """The log-in, with what was wrong at the last try."""
    page = _PAGES.get_template("login")
    return page.render(title="Trang xem giấy tờ", fault=fault)


def queue_page(total: int, rows: Sequence[Waiting], page: int, *, more: bool) -> str:
    """One page of the queue; no personal data in it."""
    made = _PAGES.get_template("queue")
    return made.render(title="Hàng đợi duyệt", total=total, rows=rows, page=page, more=more)


def paper_page(paper: PaperView) -> str:
    """One paper with its reasons, fields and pages."""
    title = f"Giấy tờ {paper.id[:8]}"
    return _PAGES.get_template("paper").render(title=title, paper=paper)


def reading_picture(paper: PaperView) -> str:
    """What was read and why it is doubted, as an SVG that a form can show and Prefect not keep."""
    lines = [(f"Loại: {paper.type_name}", False)]
    lines += [
        (f"{field.label}: {field.value or '(không đọc được)'}", bool(field.doubts))
        for field in paper.fields
    ]
    lines += [(f"⚠ {reason}", True) for reason in paper.reasons]
    return _svg(lines)


def locked_picture() -> str:
    """What stands in the place of a picture for whoever has not logged in."""
    return _svg([("Chưa đăng nhập trang xem giấy tờ: mở liên kết «Đăng nhập» ở trên.", True)])


def _svg(lines: Sequence[tuple[str, bool]]) -> str:
    wrapped = [
        (part, doubted)
        for text, doubted in lines
        for part in textwrap.wrap(text, _SVG_CHARACTERS, subsequent_indent="   ") or [""]
    ]
    height = 22 * len(wrapped) + 16
    return _SVG.get_template("lines").render(lines=wrapped, height=height)
