"""`sohoa keys`: whose keys, until when; let a corrected PIN be tried once more."""

from __future__ import annotations

import typer

from deployments.cli import show
from deployments.cli.line import Json
from domain.errors import ConfigurationFault

app = typer.Typer(help="Khóa ký: của ai, còn hạn đến bao giờ, có bị ngừng không.")
_NAMES = {
    "ok": "tốt",
    "expiring": "SẮP HẾT HẠN",
    "unusable": "KHÔNG DÙNG ĐƯỢC",
    "unavailable": "KHÔNG KẾT NỐI",
}


@app.callback(invoke_without_command=True)
def keys(context: typer.Context, json: Json = False) -> None:
    """Tình trạng từng khóa. Mã thoát khác 0 nếu có khóa không dùng được."""
    if context.invoked_subcommand:
        return
    from tasks.house import house
    from tasks.keys import key_states

    _show(key_states(house()), json=json)


@app.command()
def unlock(json: Json = False) -> None:
    """Sau khi sửa tệp PIN: thử lại đúng một lần; đúng thì ký tiếp, sai thì vẫn ngừng."""
    from tasks.house import house
    from tasks.keys import unlock_keys

    _show(unlock_keys(house()), json=json)


def _show(states: tuple, *, json: bool) -> None:  # type: ignore[type-arg]
    if json:
        show.as_json([state.model_dump(mode="json") for state in states])
    else:
        show.table(
            "Khóa ký",
            ["Của", "Loại", "Chủ thể", "Đến", "Tình trạng", "Việc cần làm"],
            [
                (
                    state.role,
                    state.kind,
                    state.subject,
                    f"{state.not_after:%d/%m/%Y}" if state.not_after else "",
                    _NAMES[state.state],
                    state.problem,
                )
                for state in states
            ],
        )
    if any(state.state in {"unusable", "unavailable"} for state in states):
        raise typer.Exit(ConfigurationFault.exit_code)
