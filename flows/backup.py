"""The registry's nightly backup: what only the registry knows, checked, the newest ones kept."""

from __future__ import annotations

from typing import Annotated

from prefect import flow
from pydantic import BaseModel, ConfigDict

from flows.naming import dated
from flows.parameters import asked
from flows.remarks import remark
from tasks.backup import back_up, check_backup, prune
from tasks.house import house

Keep = Annotated[int, asked("Số bản giữ lại", "Số bản sao lưu mới nhất được giữ.", ge=2, le=3650)]


class BackedUp(BaseModel):
    """What a run made; the audit chain's end among it, an anchor kept outside the registry."""

    model_config = ConfigDict(frozen=True)

    name: str
    scans: int
    papers: int
    audit_head: str
    removed: tuple[str, ...]


@flow(name="backup", flow_run_name=dated("Sao lưu sổ đăng ký"), validate_parameters=True)
def backup(keep: Keep = 30) -> BackedUp:
    """Sao lưu sổ đăng ký và khóa băm vào SOHOA_BACKUPS, kiểm tra, rồi mới bỏ bản cũ."""
    here = house()
    made, manifest = back_up(here, here.settings.backup_folder)
    check_backup(made)  # only a backup that can be read pushes an old one out
    removed = prune(here.settings.backup_folder, keep, at=here.now())
    remark(
        f"{made.name}: {manifest.scans} bản quét, {manifest.papers} giấy tờ; đầu chuỗi nhật ký "
        f"{manifest.audit_head}; bỏ {len(removed)} bản cũ."
    )
    return BackedUp(
        name=made.name,
        scans=manifest.scans,
        papers=manifest.papers,
        audit_head=manifest.audit_head,
        removed=removed,
    )
