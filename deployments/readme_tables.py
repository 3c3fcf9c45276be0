"""Tables of README.md and docs/operations.md that are made from the code.

`python -m deployments.readme_tables` writes them between their markers; a test holds both files
to them.
"""

from __future__ import annotations

from pathlib import Path

from domain import errors
from domain.alarms import ALARMS
from tasks.checks import PARTS
from tasks.settings import Settings

README = Path(__file__).parents[1] / "README.md"
OPERATIONS = README.parent / "docs" / "operations.md"
_DEFAULTS = {
    "home": "`~/.local/share/sohoa`",
    "workers": "số lõi",
    "registry": "`$SOHOA_HOME/registry.db`",
    "keys": "khóa thử dùng một lần",
}
_FAMILIES: tuple[tuple[type[errors.SohoaError], str], ...] = (
    (errors.DocumentFault, "Lỗi ở tài liệu hoặc tệp đưa vào"),
    (errors.Undecided, "Cần người quyết định, hoặc giá trị người nhập chưa hợp lệ"),
    (errors.Unavailable, "Dịch vụ tạm thời không trả lời; chạy lại sau"),
    (errors.ConfigurationFault, "Cấu hình, khóa hoặc danh mục sai; báo quản trị viên"),
    (errors.IntegrityFault, "Dữ liệu hoặc chữ ký không còn nguyên vẹn; báo động"),
    (errors.NotFound, "Không có thứ được hỏi"),
    (errors.AlreadyExists, "Chỗ chỉ ghi một lần đã có nội dung khác"),
    (errors.LeaseLost, "Tiến trình khác đang xử lý; thử lại sau ít phút"),
)


def settings_table() -> str:
    """One row per setting: variable, default, meaning."""
    rows = ["| Biến | Mặc định | Ý nghĩa |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(
            f"| `SOHOA_{name.upper()}` | {_default(name, field.default)} "
            f"| {' '.join((field.description or '').split())} |"
        )
    return "\n".join(rows)


def _default(name: str, value: object) -> str:
    if name in _DEFAULTS:
        return _DEFAULTS[name]
    if value is None:
        return "–"
    if isinstance(value, str | int):
        return f"`{value}`"
    return "xem tệp mã"


def errors_table() -> str:
    """One row per exit code that the command line ends with."""
    rows = [
        "| Mã thoát | Họ lỗi | Ý nghĩa | Thử lại có ích |",
        "|---|---|---|---|",
        "| 0 | – | Xong | |",
        "| 2 | – | Tham số dòng lệnh sai | |",
    ]
    for kind, meaning in _FAMILIES:
        again = "có" if kind.transient else "không"
        rows.append(f"| {kind.exit_code} | `{kind.__name__}` | {meaning} | {again} |")
    rows.append("| 130 | – | Bị ngắt bằng Ctrl-C; chạy lại để làm tiếp | có |")
    return "\n".join(rows)


def alarms_table() -> str:
    """One row per alarm: its event, what it means, what to do."""
    rows = ["| Cảnh báo | Nghĩa là | Việc phải làm |", "|---|---|---|"]
    rows += [f"| `{alarm.event}` | {alarm.meaning} | {alarm.remedy} |" for alarm in ALARMS]
    return "\n".join(rows)


def parts_table() -> str:
    """One row per part that the doctor looks at, with what to do when it is not well."""
    rows = ["| Phần | Tên trong cảnh báo | Cách xử lý |", "|---|---|---|"]
    rows += [f"| {part.title} | `{part.name}` | {part.remedy} |" for part in PARTS]
    return "\n".join(rows)


def filled(text: str) -> str:
    """The text with the tables that it has markers for, as the code has them now."""
    tables = {
        "settings": settings_table,
        "errors": errors_table,
        "alarms": alarms_table,
        "parts": parts_table,
    }
    for name, table in tables.items():
        first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
        if first in text:
            before, _, rest = text.partition(first)
            _, _, after = rest.partition(last)
            text = f"{before}{first}\n{table()}\n{last}{after}"
    return text


if __name__ == "__main__":
    for file in (README, OPERATIONS):
        file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
