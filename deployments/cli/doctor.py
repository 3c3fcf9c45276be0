"""`sohoa doctor`: is everything there that the line needs?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import deployments
from deployments.cli import show
from deployments.cli.line import Json
from domain.errors import ConfigurationFault
from domain.health import STATE_NAMES

_POLICIES = Path(deployments.__file__).parent / "s3"
Arn = Annotated[
    str | None, typer.Option(help="ARN của người dùng S3, để đặt quyền cùng với --init.")
]


def doctor(
    init: Annotated[
        bool, typer.Option("--init", help="Tạo và chỉnh các bucket S3 trước khi khám.")
    ] = False,
    scanner: Arn = None,
    worker: Arn = None,
    reader: Arn = None,
    json: Json = False,
) -> None:
    """Khám từng phần: tìm thấy, phiên bản, chạy được. Mã thoát khác 0 nếu thiếu phần cần thiết.

    Với --init (dùng khóa của chủ bucket): tạo bucket, giữ phiên bản, khóa (Object Lock), thời hạn
    khóa mặc định, tự dọn phần tải lên dở; nêu --scanner, --worker, --reader thì đặt cả quyền
    (deployments/s3).
    """
    from tasks.buckets import prepare_buckets, users_of
    from tasks.checks import run_checks
    from tasks.house import house

    users = users_of({"scanner": scanner, "worker": worker, "reader": reader})
    if users and not init:
        raise ConfigurationFault("--scanner, --worker, --reader chỉ dùng cùng với --init.")
    made = list(prepare_buckets(house(), users, _POLICIES)) if init else []
    checks = list(run_checks(house()))
    if json:
        found = [check.model_dump(mode="json") for check in checks]
        buckets = [bucket.model_dump(mode="json") for bucket in made]
        show.as_json({"buckets": buckets, "checks": found} if init else found)
    else:
        for bucket in made:
            done = "đã tạo" if bucket.created else "đã có"
            print(
                f"kho {bucket.store}: bucket {bucket.bucket} {done}"
                f"{', đã đặt quyền' if bucket.policy else ', chưa đặt quyền'}"
            )
        if init and not made:
            print("Không kho nào dùng S3: không có bucket nào để tạo.")
        show.table(
            "Khám hệ thống",
            ["Phần", "Tình trạng", "Chi tiết", "Cách xử lý"],
            [
                (
                    check.part,
                    STATE_NAMES[check.state],
                    check.detail,
                    check.remedy if check.state != "ok" else "",
                )
                for check in checks
            ],
        )
    if any(check.fatal for check in checks):
        raise typer.Exit(ConfigurationFault.exit_code)
