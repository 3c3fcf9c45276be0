"""`sohoa preserve`: archived papers get new document time stamps, now instead of at night."""

from __future__ import annotations

from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json


def preserve(
    catch_up: Annotated[
        bool, typer.Option("--catch-up", help="Chỉ nâng mức giấy tờ từng thiếu dấu thời gian.")
    ] = False,
    papers: Annotated[int, typer.Option(min=1, help="Số giấy tờ nhiều nhất.")] = 20_000,
    minutes: Annotated[float, typer.Option(min=0.1, help="Số phút nhiều nhất.")] = 360,
    json: Json = False,
) -> None:
    """Gia hạn dấu thời gian của giấy tờ đã lưu trữ; dừng giữa chừng thì lần sau làm tiếp."""
    from flows.preserve import catch_up as catching_up  # heavy imports only where they are used
    from flows.preserve import preserve as preserving
    from tasks.house import house

    house().prepare()
    done = (catching_up if catch_up else preserving).fn(papers, minutes)
    if json:
        show.as_json(done.model_dump(mode="json"))
        return
    print(f"{done.renewed} giấy tờ có dấu thời gian mới, {done.busy} đang bận.")
    if done.waiting_for:
        print(done.waiting_for)
