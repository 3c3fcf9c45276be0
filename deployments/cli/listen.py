"""`sohoa listen`: notices of an S3 server start runs."""

from __future__ import annotations

from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json, server_configured
from domain.errors import ConfigurationFault


def listen(
    host: Annotated[str, typer.Option(help="Địa chỉ nghe.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Cổng nghe.")] = 4203,
    register: Annotated[
        bool,
        typer.Option("--register", help="Đăng ký với kho S3 để nó gửi tin báo tới đây, rồi thôi."),
    ] = False,
    persistent: Annotated[
        bool,
        typer.Option(help="Khi đăng ký: kho S3 giữ tin báo và gửi lại (Ceph từ bản 17)."),
    ] = False,
    json: Json = False,
) -> None:
    """Nhận tin báo của kho S3 khi có bản quét tải lên, cho Prefect chạy ngay; gửi thư cảnh báo."""
    if register:
        _register(persistent=persistent, json=json)
        return
    import uvicorn

    from tasks.arrivals import intake_bucket
    from tasks.house import house

    here = house()
    here.prepare()
    try:
        intake_bucket(here)
    except ConfigurationFault as fault:
        if here.settings.mail.host is None:
            raise
        show.CONSOLE.print(f"Chỉ gửi thư cảnh báo, không nhận tin báo của kho S3: {fault}")
    if not server_configured():
        raise ConfigurationFault(
            "Chưa có máy chủ Prefect để báo: đặt PREFECT_API_URL rồi chạy lại."
        )
    try:
        uvicorn.run(
            "deployments.listener.app:app",
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            limit_concurrency=400,  # above it 503: the S3 server repeats its notice
            timeout_keep_alive=30,
        )
    finally:
        here.close()


def _register(*, persistent: bool, json: bool) -> None:
    from deployments.listener.register import register

    found = register(persistent=persistent)
    if json:
        show.as_json(found)
        return
    show.table(
        f"Bucket {found['bucket']} gửi tin báo tới {found['listener']}",
        ["Chủ đề", "Sự kiện"],
        [(topic["arn"], ", ".join(topic["events"])) for topic in found["topics"]],
    )
