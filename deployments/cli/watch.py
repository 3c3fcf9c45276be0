"""`sohoa watch`: a scanner's folder empties itself into the intake store."""

from __future__ import annotations

import logging
import signal
import threading
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json, OfficerName, Unit
from deployments.cli.usage import given_path

if TYPE_CHECKING:
    from tasks.spool import Forwarded


def watch(
    folder: Annotated[
        Path, typer.Argument(parser=given_path, help="Thư mục máy quét, hoặc thư mục chia sẻ.")
    ],
    unit: Unit = None,
    officer: OfficerName = None,
    stable: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Giây không đổi thì tệp coi như đã ghi xong.")
    ] = 5,
    quiet: Annotated[
        float, typer.Option(min=0, max=86_400, help="Giây yên lặng thì đóng lô thiếu lot.json.")
    ] = 30,
    once: Annotated[
        bool, typer.Option("--once", help="Gửi hết những gì đang có rồi thôi.")
    ] = False,
    json: Json = False,
) -> None:
    """Theo dõi thư mục máy quét: tệp nào ghi xong thì gửi vào kho tiếp nhận rồi cất đi.

    Mỗi thư mục con là một lô; tệp nằm ngoài thuộc lô của ngày. Mất mạng thì tệp chờ trong thư mục
    rồi gửi theo đúng thứ tự. Tệp đã gửi nằm ở _da-nhan, tệp hỏng ở _loi kèm lý do.
    """
    from deployments.watcher import watcher
    from tasks.spool import Facts

    logging.getLogger("sohoa.watch").setLevel(logging.INFO)
    over = threading.Event()
    watching = watcher(
        folder,
        Facts(unit=unit, officer=officer),
        _say_json if json else _say,
        stable_seconds=stable,
        quiet_seconds=quiet,
    )
    try:
        if once:
            watching.run_once()
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: over.set())
        watching.run(over)
    finally:
        watching.inbox.close()


def _say(lot: Forwarded) -> None:
    aside = f", {lot.put_aside} tệp để riêng (_loi)" if lot.put_aside else ""
    show.CONSOLE.print(f"Lô {lot.lot}: đã gửi {lot.sent} tệp{aside}.")


def _say_json(lot: Forwarded) -> None:
    """One line a lot, as it goes."""
    print(dumps(lot._asdict(), ensure_ascii=False), flush=True)
