"""The README's tables of settings and exit codes, made from the code.

`python -m deployments.readme_tables` writes them into README.md between their markers; a test
holds the README to them.
"""

from __future__ import annotations

from pathlib import Path

from domain import errors
from tasks.settings import Settings

README = Path(__file__).parents[1] / "README.md"
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


def filled(text: str) -> str:
    """The README with both tables as the code has them now."""
    for name, table in (("settings", settings_table()), ("errors", errors_table())):
        first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(first)
        _, _, after = rest.partition(last)
        text = f"{before}{first}\n{table}\n{last}{after}"
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
