"""`sohoa doctor`: is everything there that the line needs?"""

from __future__ import annotations

import typer

from deployments.cli import show
from deployments.cli.line import Json
from domain.errors import ConfigurationFault

_NAMES = {"ok": "tốt", "warning": "lưu ý", "missing": "HỎNG"}


def doctor(json: Json = False) -> None:
    """Khám từng phần: tìm thấy, phiên bản, chạy được. Mã thoát khác 0 nếu thiếu phần cần thiết."""
    from tasks.checks import run_checks
    from tasks.house import house

    checks = list(run_checks(house()))
    if json:
        show.as_json([check.model_dump(mode="json") for check in checks])
    else:
        show.table(
            "Khám hệ thống",
            ["Phần", "Tình trạng", "Chi tiết"],
            [(check.part, _NAMES[check.state], check.detail) for check in checks],
        )
    if any(check.fatal for check in checks):
        raise typer.Exit(ConfigurationFault.exit_code)
