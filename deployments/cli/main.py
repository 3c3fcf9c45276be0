"""The entry point: commands, errors as one clear line, exit codes by error family."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import NoReturn

import typer

from deployments.access import let_in
from deployments.cli import (
    alarms,
    catalogue,
    certify,
    check,
    cover,
    doctor,
    export,
    keep,
    keys,
    learn,
    lifecycle,
    line,
    listen,
    metrics,
    officer,
    plan,
    preserve,
    requeue,
    resplit,
    reuse,
    review,
    reviewer,
    shelf,
    sign,
    verify,
    warm,
    watch,
)
from deployments.cli.usage import mistake, system_fault
from domain.errors import ConfigurationFault, SohoaError
from tasks.logs import set_up
from tasks.settings import load_settings

app = typer.Typer(
    name="sohoa",
    help="Số hóa giấy tờ ở Bộ phận Một cửa: bản quét thành dữ liệu có giá trị pháp lý.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check")(check.check)
app.command("read")(line.read)
app.command("upload")(line.upload)
app.command("listen")(listen.listen)
app.command("watch")(watch.watch)
app.command("warm")(warm.warm)
app.command("digitize")(line.digitize)
app.command("cover")(cover.cover)
app.command("resplit")(resplit.resplit)
app.command("status")(line.status)
app.command("papers")(shelf.papers)
app.command("verify")(verify.verify)
app.command("certify")(certify.certify)
app.command("lookup")(reuse.lookup)
app.command("need")(reuse.need)
app.command("search")(reuse.search)
app.command("reuse")(reuse.reuse)
app.command("api")(reuse.api)
app.command("progress")(plan.progress)
app.command("preserve")(preserve.preserve)
app.command("rebuild")(keep.rebuild)
app.command("fixity")(keep.fixity)
app.command("replicate")(keep.replicate)
app.command("restore")(keep.restore)
app.command("correct")(lifecycle.correct)
app.command("withdraw")(lifecycle.withdraw)
app.command("hold")(lifecycle.hold)
app.command("expire")(lifecycle.expire)
app.command("metrics")(metrics.metrics)
app.command("doctor")(doctor.doctor)
app.command("learn")(learn.learn)
app.command("shelf")(requeue.shelf)
app.command("requeue")(requeue.requeue)
app.command("preview")(requeue.preview)
app.add_typer(alarms.app, name="alarms")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(review.app, name="review")
app.add_typer(sign.app, name="sign")
app.add_typer(officer.app, name="officer")
app.add_typer(keys.app, name="keys")
app.add_typer(keep.audit_app, name="audit")
app.add_typer(keep.registry_app, name="registry")
app.add_typer(lifecycle.dispose_app, name="dispose")
app.add_typer(export.app, name="export")
app.add_typer(reviewer.app, name="reviewer")
app.add_typer(reuse.client_app, name="client")
app.add_typer(reuse.outbox_app, name="outbox")
app.add_typer(plan.import_app, name="import")
app.add_typer(plan.plan_app, name="plan")

USAGE = 2
INTERRUPTED = 130


@app.callback()
def _every_command(context: typer.Context) -> None:
    context.call_on_close(_close_what_was_opened)


def _close_what_was_opened() -> None:
    loaded = sys.modules.get("tasks.house")  # heavy: many a command has no need of it
    if loaded is not None:
        loaded.close()


def main() -> NoReturn:
    """Run one command. A fault of ours ends with one line on standard error and its exit code."""
    set_up()
    with suppress(SohoaError):  # a command that needs the settings says what is wrong with them
        set_up(load_settings().log_format)
        let_in()
    try:
        code = app(standalone_mode=False)
    except SohoaError as error:
        _end(str(error), error.exit_code)
    except typer.TyperException as error:
        _end(f"{mistake(error.format_message())} Xem --help.", USAGE)
    except OSError as error:
        _end(system_fault(error), ConfigurationFault.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    if code == INTERRUPTED:  # which the library, too, makes of Ctrl-C, without a word
        _end("đã dừng; chạy lại lệnh để làm tiếp.", INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _end(message: str, code: int) -> NoReturn:
    print("sohoa:", " ".join(message.split()), file=sys.stderr)
    sys.exit(code)
