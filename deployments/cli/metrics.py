"""The command that prints the figures for Prometheus."""

from __future__ import annotations

import typer

from deployments.cli import show
from deployments.cli.line import Json


def metrics(json: Json = False) -> None:
    """Số đo cho Prometheus: trạng thái, tuổi hàng đợi, tốc độ, thời gian và lỗi của từng bước."""
    from tasks.house import house
    from tasks.metrics import exposition, samples

    if json:
        show.as_json(samples(house()))
    else:
        typer.echo(exposition(house()).decode(), nl=False)
