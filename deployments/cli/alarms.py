"""Commands for alarms: which there are, where they are forwarded to, a trial."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json, server_configured
from domain.alarms import ALARMS
from domain.errors import ConfigurationFault, Unavailable

app = typer.Typer(help="Cảnh báo: có những gì, gửi đi đâu.", no_args_is_help=True)


@app.callback()
def _alarms() -> None:
    """Cảnh báo: có những gì, gửi đi đâu."""


@app.command("list")
def listed(json: Json = False) -> None:
    """Mọi cảnh báo và việc phải làm."""
    if json:
        show.as_json([alarm._asdict() for alarm in ALARMS])
        return
    show.table("Cảnh báo", ["Sự kiện", "Nghĩa là", "Việc phải làm"], ALARMS)


@app.command("forward")
def forward(
    webhook_file: Annotated[
        Path | None, typer.Option(help="Tệp chứa địa chỉ web nhận cảnh báo (http hoặc https).")
    ] = None,
    mail: Annotated[
        bool, typer.Option("--mail", help="Gửi thư (SOHOA_MAIL) qua bộ nhận tin sohoa listen.")
    ] = False,
    json: Json = False,
) -> None:
    """Chuyển tiếp mọi cảnh báo tới một địa chỉ web, bằng thư, hoặc cả hai; chạy lại để đổi."""
    from deployments.alarms import NAME, forward_to

    if webhook_file is None and not mail:
        raise typer.BadParameter("Gửi đi đâu? Nêu --webhook-file, --mail, hoặc cả hai.")
    with _server():
        forward_to(webhook_file, mail=mail)
    if json:
        show.as_json({"automation": NAME})
    else:
        show.CONSOLE.print(f"Đã đặt automation «{NAME}». Thử: sohoa alarms try")


@app.command("try")
def trial(json: Json = False) -> None:
    """Gửi một cảnh báo thử."""
    from deployments.alarms import try_out

    with _server():
        try_out()
    if json:
        show.as_json({"sent": True})
    else:
        show.CONSOLE.print("Đã gửi cảnh báo thử; xem nơi nhận có thấy trong ít giây không.")


@contextmanager
def _server() -> Iterator[None]:
    if not server_configured():
        raise ConfigurationFault("Chưa cấu hình PREFECT_API_URL: cảnh báo đi qua máy chủ Prefect.")
    import httpx
    from prefect.exceptions import PrefectHTTPStatusError

    try:
        yield
    except (httpx.HTTPError, PrefectHTTPStatusError) as error:
        raise Unavailable(f"Máy chủ Prefect không nhận: {error}. Chạy sohoa doctor.") from error
