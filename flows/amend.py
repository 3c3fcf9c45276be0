"""Buttons for an archived paper: correct it (đính chính), take it out of use, hold it.

What was typed into a correction is personal data: the run forgets it as soon as it has read it,
and its state names a fault without the values.
"""

from __future__ import annotations

from prefect import flow

from domain.errors import Undecided
from domain.review import DOUBT_LABELS, without_values
from domain.states import PAPER_STATE_NAMES
from flows.naming import dated, keep_instead, of_paper
from flows.parameters import (
    Actor,
    Corrected,
    NewCode,
    OnOrOff,
    Paper,
    ReplacedBy,
    Why,
)
from flows.remarks import link, literal, page, remark
from tasks import amend, holding
from tasks.amend import Amended
from tasks.holding import Hold
from tasks.house import house


@flow(name="correct", flow_run_name=dated("Đính chính {paper_id:.8}"), validate_parameters=True)
def correct(
    paper_id: Paper,
    corrections: Corrected,
    *,
    actor: Actor,
    reason: Why,
    new_code: NewCode = False,
) -> Amended:
    """Đính chính dữ liệu của giấy tờ đã lưu trữ: thêm một phiên bản, giữ nguyên tệp đã ký."""
    keep_instead(corrections={})
    values: dict[str, str | None] = {}
    with of_paper(paper_id) as row:
        try:
            entry = house().catalogue.type(corrections.type.strip() or row["type_id"])
            values = corrections.values(entry)
            done = amend.correct(paper_id, values, by=actor, reason=reason, recode=new_code)
        except Undecided as fault:
            raise Undecided(without_values(str(fault), values.values())) from None
        changed = ", ".join(map(_label, done.changed)) or "không trường nào"
        _told(done, "Đã đính chính", f"Đã sửa: {literal(changed)}", f"Người làm: {literal(actor)}")
    return done


@flow(name="withdraw", flow_run_name=dated("Thu hồi {paper_id:.8}"), validate_parameters=True)
def withdraw(
    paper_id: Paper, *, actor: Actor, reason: Why, replaced_by: ReplacedBy = None
) -> Amended:
    """Thu hồi giấy tờ đã lưu trữ, hoặc thay bằng giấy tờ khác; không xóa gì."""
    with of_paper(paper_id):
        done = amend.withdraw(paper_id, by=actor, reason=reason, replaced_by=replaced_by)
        successor = link(replaced_by, f"papers/{replaced_by}") if replaced_by else "không có"
        _told(
            done,
            "Đã thay thế" if replaced_by else "Đã thu hồi",
            f"Giấy tờ thay thế: {successor}",
            f"Người làm: {literal(actor)}",
        )
    return done


@flow(name="hold", flow_run_name=dated("Lưu giữ {paper_id:.8}: {switch}"), validate_parameters=True)
def hold(paper_id: Paper, switch: OnOrOff, *, actor: Actor, reason: Why) -> Hold:
    """Lưu giữ giấy tờ theo yêu cầu pháp lý, hoặc thôi lưu giữ."""
    with of_paper(paper_id):
        act = holding.hold if switch == "lưu giữ" else holding.let_go
        done: Hold = act(paper_id, by=actor, reason=reason)
        now = "đang được lưu giữ" if done.held else "không lưu giữ"
        remark(f"giấy tờ {paper_id}: {now}{'' if done.changed else ' (như trước)'}")
    page(
        "luu-giu",
        "Lưu giữ theo yêu cầu pháp lý",
        f"Giấy tờ {link(paper_id, f'papers/{paper_id}')}: **{now}**"
        + ("" if done.changed else ", như trước: không có gì thay đổi"),
        f"Người làm: {literal(actor)}",
    )
    return done


def _told(done: Amended, title: str, *lines: str) -> None:
    state = PAPER_STATE_NAMES[done.state]
    remark(f"giấy tờ {done.paper}: {state}, phiên bản {done.version}")
    page(
        "sau-luu-tru",
        title,
        f"Giấy tờ {link(done.paper, f'papers/{done.paper}')}, mã {literal(done.code)}",
        f"Trạng thái: **{state}**, phiên bản {done.version}; phiên bản trước vẫn đọc được",
        *lines,
    )


def _label(field: str) -> str:
    return DOUBT_LABELS.get(field, field)
