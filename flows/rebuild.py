"""Make the registry anew from the archive, from the UI: only what is missing is added."""

from __future__ import annotations

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.context import FlowRunContext

from domain.errors import IntegrityFault
from flows.naming import dated
from flows.remarks import literal, remark
from tasks.house import house
from tasks.rebuild import Rebuilt
from tasks.rebuild import rebuild as from_archive


@flow(name="rebuild", flow_run_name=dated("Dựng lại sổ đăng ký từ kho lưu trữ"))
def rebuild() -> Rebuilt:
    """Thêm vào sổ đăng ký những gì kho lưu trữ có mà sổ thiếu; dừng giữa chừng thì chạy lại."""
    done = from_archive(house())
    text = (
        f"{done.objects} đối tượng lưu trữ; thêm vào sổ {done.scans} bản quét, {done.papers} giấy "
        f"tờ, {done.copies} bản sao chứng thực; {len(done.failed)} đối tượng không dựng được."
    )
    remark(text)
    if FlowRunContext.get() is not None:
        create_table_artifact(
            key="dung-lai",
            table=[
                {"Đối tượng": name, "Vì sao": literal(why)}
                for name, why in sorted(done.failed.items())
            ],
            description=text,
        )
    if done.failed:
        raise IntegrityFault(
            f"{len(done.failed)} đối tượng không dựng lại được, xem artifact: khôi phục bằng sohoa "
            "restore rồi chạy lại."
        )
    return done
