"""Mistakes in catalogue files, each with its file and line, in words an administrator acts on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake. `line` counts from 1; 0 where the mistake is the file itself."""

    file: str
    line: int
    entry: str
    """The id of the entry, or empty."""
    message: str

    def __str__(self) -> str:
        """`tệp:dòng, «id»: what is wrong`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return (
            f"{place}, «{self.entry}»: {self.message}" if self.entry else f"{place}: {self.message}"
        )


_WORDS: Mapping[str, str] = {
    "missing": "thiếu mục này",
    "extra_forbidden": "không có mục nào tên như vậy",
    "string_type": "phải là chuỗi chữ",
    "string_too_short": "không được để trống",
    "int_type": "phải là số nguyên",
    "int_parsing": "phải là số nguyên",
    "bool_type": "phải là true hoặc false",
    "bool_parsing": "phải là true hoặc false",
    "date_type": "phải là ngày dạng 2025-07-01",
    "date_parsing": "phải là ngày dạng 2025-07-01",
    "date_from_datetime_parsing": "phải là ngày dạng 2025-07-01",
    "tuple_type": "phải là một danh sách […]",
    "too_short": "danh sách không được trống",
    "model_type": "phải là một bảng {…}",
    "dict_type": "phải là một bảng {…}",
}


def in_vietnamese(error: ValidationError) -> list[tuple[str, str]]:
    """For each mistake of a validation its place inside the entry and what is wrong there."""
    return [
        (".".join(str(part) for part in fault["loc"]), _sentence(dict(fault)))
        for fault in error.errors(include_url=False)
    ]


def _sentence(fault: Mapping[str, Any]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    value = f"«{fault.get('input')}» "
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == "literal_error":
        return f"{value}phải là một trong {context['expected'].replace(' or ', ', ')}"
    if kind == "string_pattern_mismatch":
        return f"{value}không đúng dạng {context['pattern']}"
    if kind == "value_error":
        return str(context["error"])
    if kind in {"greater_than_equal", "less_than_equal"}:
        sign = "≥" if kind == "greater_than_equal" else "≤"
        return f"{value}phải {sign} {context.get('ge', context.get('le'))}"
    return f"{value}{fault['msg']}"
