"""Buttons for disposal after retention: propose, look, approve or reject. None removes anything.

The last step, `sohoa dispose run`, is no button: it needs the S3 keys of whoever may remove
versions, and no worker has them.
"""

from __future__ import annotations

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.context import FlowRunContext

from flows.naming import dated
from flows.parameters import Actor, OnList, Papers
from flows.remarks import ended, link, literal, page, remark
from tasks import dispose
from tasks.dispose import Proposed


@flow(name="dispose-propose", flow_run_name=dated("Đề nghị tiêu hủy"), validate_parameters=True)
def propose(*, actor: Actor, papers: Papers = 1000) -> list[Proposed]:
    """Đề nghị tiêu hủy giấy tờ hết thời hạn lưu trữ; người khác phải duyệt."""
    return _listed(dispose.propose(actor, limit=papers))


@flow(name="dispose-list", flow_run_name=dated("Danh sách tiêu hủy"))
def listed() -> list[Proposed]:
    """Danh sách giấy tờ chờ duyệt tiêu hủy, hoặc đã duyệt và chờ thực hiện. Không thay đổi gì."""
    return _listed(dispose.listed())


@flow(name="dispose-approve", flow_run_name=dated("Duyệt tiêu hủy"), validate_parameters=True)
def approve(papers: OnList, *, actor: Actor) -> tuple[str, ...]:
    """Duyệt tiêu hủy; phải là người khác với người đề nghị. Không giấy tờ nào mất ở bước này."""
    done = dispose.approve(papers, actor)
    _decided("Đã duyệt tiêu hủy, chưa tiêu hủy", done, actor)
    return ended(done, (f"{len(done)} giấy tờ đã duyệt chờ thực hiện: {_CARRY_OUT}",))


@flow(name="dispose-reject", flow_run_name=dated("Không tiêu hủy"), validate_parameters=True)
def reject(papers: OnList, *, actor: Actor) -> tuple[str, ...]:
    """Đưa giấy tờ ra khỏi danh sách tiêu hủy; lần sau vẫn đề nghị lại được."""
    done = dispose.reject(papers, actor)
    _decided("Giữ lại: đã đưa ra khỏi danh sách tiêu hủy", done, actor)
    return done


_CARRY_OUT = "người được xóa phiên bản chạy sohoa dispose run --credentials"


def _listed(rows: list[Proposed]) -> list[Proposed]:
    """The list as a table; as long as somebody is waited for, a run that ends with a remark."""
    waiting = sum(row.approved_by is None for row in rows)
    told = f"{waiting} giấy tờ chờ duyệt, {len(rows) - waiting} đã duyệt chờ thực hiện"
    remark(told)
    if FlowRunContext.get() is not None:
        create_table_artifact(
            key="danh-sach-tieu-huy",
            table=[_row(row) for row in rows],
            description=f"{told}. Duyệt: dispose-approve; đưa ra: dispose-reject; thực hiện: "
            f"{_CARRY_OUT}.",
        )
    return ended(rows, (told,) if rows else ())


def _row(row: Proposed) -> dict[str, str]:
    return {
        "Định danh": link(row.paper, f"papers/{row.paper}"),
        "Mã": literal(row.code),
        "Loại": row.type or "–",
        "Lưu trữ": f"{row.archived_on:%d/%m/%Y}",
        "Giữ đến": f"{row.kept_until:%d/%m/%Y}",
        "Đề nghị": literal(row.proposed_by),
        "Duyệt": literal(row.approved_by or "–"),
    }


def _decided(title: str, papers: tuple[str, ...], actor: str) -> None:
    remark(f"{title}: {len(papers)} giấy tờ")
    lines = (f"Giấy tờ {link(paper, f'papers/{paper}')}" for paper in papers)
    page("quyet-dinh-tieu-huy", title, f"Người quyết định: {literal(actor)}", *lines)
