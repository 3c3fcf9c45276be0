"""The form of a sheet: one paper in full, or one field of up to twenty papers.

Prefect keeps a form in its database for as long as the run. So nothing that was read stands in
it, neither as default nor as text: the preview shows it, as pictures behind a log-in. The form
is built field by field because `RunInput.with_initial_data` drops the limits of every field that
it fills in; and every check runs again in the flow.
"""

from __future__ import annotations

from typing import Any, Literal

import pydantic
from prefect.input import RunInput
from pydantic import ConfigDict, Field

from domain.describe import LONGEST_VALUE, TYPE_KEY
from domain.review import DOUBT_LABELS, Decision, Duplicate, Purpose
from flows.corrections import EMPTY_KEEPS, ENTERED, HINTS, LONGEST_LINES, label_of, text_box
from tasks.house import house
from tasks.review_asked import Asked, AskedPaper
from tasks.reviewers import listed

KEEP = "giữ như đã đọc"
UNDECIDED = "chưa chọn"
OWN_FORM = "own_"
"""Before an own field's id in the form: the type may call one `title`, too."""
OTHER_OWN = "other_own"

_OTHER_OWN_HINT = (
    "Chỉ khi chọn loại khác: mỗi dòng một trường riêng của loại vừa chọn, «nhãn: giá trị»."
)

Fields = dict[str, tuple[Any, Any]]


class _Form(RunInput):
    # A paper that was decided meanwhile is asked no more: its answer is no fault.
    model_config = ConfigDict(extra="ignore")


def form_of(asked: Asked) -> type[RunInput]:
    """The class of the form; no decision, reviewer or PIN has a default, so `{}` is refused."""
    fields: Fields = {}
    for paper in asked.papers:
        fields |= _group_row(asked, paper) if grouped(asked) else _whole_paper(asked, paper)
    # Not a Literal: one of a single value would be a constant that the form does not let fill in.
    codes = [row["code"] for row in listed() if row["active"]]
    fields["reviewer"] = (str, Field(title="Người duyệt", json_schema_extra={"enum": codes}))
    pin = Field(
        title="PIN của người duyệt", max_length=12, json_schema_extra={"format": "password"}
    )
    fields["pin"] = (str, pin)
    definitions: dict[str, Any] = dict(fields)
    form = pydantic.create_model("PhieuDuyet", __base__=_Form, **definitions)
    lines = [_heading(asked), *(line for one in asked.papers for line in _paper_lines(asked, one))]
    form._description = "\n".join(lines)  # noqa: SLF001 - as RunInput.with_initial_data does
    return form


def grouped(asked: Asked) -> bool:
    """Whether this is the short form: one field of several papers."""
    return asked.field is not None and asked.purpose is Purpose.DOUBT and len(asked.papers) > 1


def _decision(asked: Asked, paper: AskedPaper, title: str) -> tuple[Any, Any]:
    """The decision, with the paper's pictures above it.

    They stand in the form's own text, too: Prefect's V1 UI shrinks that to nothing in a form longer
    than the window, and the V2 UI shows a field's description as plain text.
    """
    lines = _paper_lines(asked, paper)
    if paper == asked.papers[0]:
        lines = [_heading(asked), *lines]
    choices = tuple(choice.value for choice in Decision)
    return (Literal[choices], Field(title=title, description="\n".join(lines)))


def _types(title: str) -> tuple[Any, Any]:
    choices = (KEEP, *(f"{entry.name} [{entry.id}]" for entry in house().catalogue.types))
    return (Literal[choices], Field(default=KEEP, title=title))


def _text(title: str, hint: str, longest: int = LONGEST_VALUE) -> tuple[Any, Any]:
    return (str, text_box(title, hint, longest, default=""))


def _whole_paper(asked: Asked, paper: AskedPaper) -> Fields:
    fields: Fields = {
        "decision": _decision(asked, paper, "Quyết định"),
        "type": _types("Loại giấy tờ"),
    }
    for name in ENTERED:
        fields[name] = _text(label_of(name), HINTS.get(name, "") + EMPTY_KEEPS)
    for own in paper.own:
        fields[OWN_FORM + own.id] = _text(own.label, HINTS.get(own.kind, "") + EMPTY_KEEPS)
    fields[OTHER_OWN] = _text("Trường riêng khi đổi loại", _OTHER_OWN_HINT, LONGEST_LINES)
    fields["unit"] = _text("Đơn vị (mã định danh, ví dụ H31.12)", "Để trống: giữ nguyên.", 40)
    fields["dossier"] = _text("Mã hồ sơ", "Để trống: giữ nguyên.", 80)
    if paper.duplicate:
        choices = (UNDECIDED, *(choice.value for choice in Duplicate))
        title = "Giống một giấy tờ đã có"
        fields["duplicate"] = (Literal[choices], Field(default=UNDECIDED, title=title))
    fields["reason"] = _text("Lý do, ghi chú", "Bắt buộc khi quét lại hoặc loại.", 500)
    return fields


def _group_row(asked: Asked, paper: AskedPaper) -> Fields:
    place = paper.position
    label = _label(asked.field)
    value = (
        _types(f"{place}. {label}")
        if asked.field == TYPE_KEY
        else _text(f"{place}. {label}", HINTS.get(asked.field or "", "") + EMPTY_KEEPS)
    )
    return {
        f"decision_{place}": _decision(asked, paper, f"{place}. Quyết định"),
        f"value_{place}": value,
        f"reason_{place}": _text(f"{place}. Lý do", "Bắt buộc khi quét lại hoặc loại.", 500),
    }


def _label(field: str | None) -> str:
    return "" if field is None else DOUBT_LABELS[field]


def _heading(asked: Asked) -> str:
    lines = []
    if asked.fault:
        lines += [f"## ⚠ Chưa nhận được: {asked.fault}", "", "Các ô phải nhập lại từ đầu.", ""]
    lines += [
        f"Ảnh không hiện? [Đăng nhập trang xem giấy]({_base()}/login) rồi mở lại biểu mẫu này.",
        "",
    ]
    if asked.purpose is Purpose.SAMPLE:
        lines += ["**Hậu kiểm**: giấy tờ đã lưu trữ; kiểm tra máy đọc có đúng không.", ""]
    return "\n".join(lines)


def _base() -> str:
    return house().settings.review.url.rstrip("/")


def _paper_lines(asked: Asked, paper: AskedPaper) -> list[str]:
    link = f"{_base()}/papers/{paper.paper_id}"
    head = f"### {paper.position}. Giấy tờ {paper.paper_id[:8]}"
    lines = [
        f"{head} – còn ngờ: {', '.join(paper.doubted)}"
        + (f" – {asked.unit}" if asked.unit else ""),
        "",
        f"[Mở trang xem đầy đủ]({link})",
        "",
        f"![Đã đọc được gì, vì sao ngờ]({link}/reading.svg)",
        "",
    ]
    if grouped(asked):
        return [*lines, f"![Ô còn ngờ]({link}/crops/{asked.field})", ""]
    for crop in paper.crops:
        lines += [f"![Ô còn ngờ: {crop.label}]({link}/crops/{crop.name})", ""]
    for page in paper.pages[:3]:
        lines += [f"![Trang {page}]({link}/pages/{page})", ""]
    return lines
