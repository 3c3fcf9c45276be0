"""`sohoa learn`: learn from corrections now, without waiting for the schedule."""

from __future__ import annotations

from typing import Annotated

import typer


def learn(
    as_json: Annotated[bool, typer.Option("--json", help="in dạng JSON")] = False,
) -> None:
    """Học từ các lần sửa loại giấy tờ; chỉ thay bộ phân loại đang dùng khi bộ mới tốt hơn."""
    from flows.learn import verdict
    from tasks.house import house
    from tasks.learn import learn_types

    house().prepare()
    learnt = learn_types()
    print(learnt.model_dump_json() if as_json else verdict(learnt))
