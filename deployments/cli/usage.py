"""Mistakes on the command line and of the system, in Vietnamese; the libraries speak English."""

from __future__ import annotations

import errno
import re
import socket
from pathlib import Path
from typing import Final

import typer

_WORDS: Final = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"No such command '(.*)'\.?", r"Không có lệnh «\1»."),
        (r"Missing command\.?", "Thiếu tên lệnh."),
        (r"Missing option '(.*?)'\.?", r"Thiếu \1."),
        (r"Missing argument '(.*?)'\.?", r"Thiếu tham số \1."),
        (r"No such option: ([^\s.]+)\.?", r"Không có tùy chọn \1."),
        (r"\(Possible options: (.*)\)", r"Có phải: \1?"),
        (r"Did you mean (.*)\?", r"Có phải: \1?"),
        (r"Option '(.*?)' requires an argument\.?", r"\1 cần một giá trị."),
        (r"Option '(.*?)' does not take a value\.?", r"\1 không kèm giá trị."),
        (r"Got unexpected extra arguments? ?\((.*)\)", r"Thừa tham số: «\1»."),
        (r"Got unexpected extra argument\(s\) \((.*)\)", r"Thừa tham số: «\1»."),
        (r"Invalid value for '(.*?)': ", r"\1: "),
        (r"Invalid value: ", ""),
        (r"Value error, ", ""),
        (r"'([^']*)' is not one of ([^.]*)", r"«\1» không phải một trong \2"),
        (r"Input should be greater than or equal to (\S+)", r"phải từ \1 trở lên."),
        (r"Input should be less than or equal to (\S+)", r"nhiều nhất là \1."),
        (r"Input should be a valid integer.*", "phải là số nguyên."),
        (r"Input should be a valid number.*", "phải là số."),
        (r"'([^']*)' does not match the formats? .*", r"«\1» không phải ngày (như 2026-11-27)."),
        (r"'([^']*)' is not a valid (?:integer|int)\b.*", r"«\1» không phải số nguyên."),
        (r"'([^']*)' is not a valid float\b.*", r"«\1» không phải số."),
        (r"([\d.-]+) is not in the range (\S+)\.?", r"\1 không nằm trong khoảng \2."),
    )
)
_SYSTEM: Final = {
    errno.ENOENT: "Không có tệp hoặc thư mục",
    errno.EEXIST: "Đã có tệp hoặc thư mục, không phải loại cần dùng",
    errno.EACCES: "Không có quyền với",
    errno.EPERM: "Không có quyền với",
    errno.EISDIR: "Đây là thư mục, phải là tệp",
    errno.ENOTDIR: "Đây là tệp, phải là thư mục",
    errno.ENOSPC: "Hết dung lượng đĩa",
    errno.EROFS: "Chỉ đọc được, không ghi được",
    errno.ECONNREFUSED: "Máy chủ không nhận kết nối",
    errno.ECONNRESET: "Máy chủ ngắt kết nối",
    errno.ETIMEDOUT: "Máy chủ không trả lời kịp",
    errno.EHOSTUNREACH: "Không đến được máy chủ",
    errno.ENETUNREACH: "Không có đường mạng đến máy chủ",
    errno.EADDRINUSE: "Cổng đang có chương trình khác dùng",
    errno.EPIPE: "Chương trình nhận đầu ra đã dừng",
}
_NETWORK = "Kiểm tra địa chỉ đã cấu hình, máy chủ và mạng rồi chạy lại."
_ADVICE: Final = {
    errno.ENOSPC: "Giải phóng đĩa của thư mục làm việc rồi chạy lại.",
    errno.ECONNREFUSED: _NETWORK,
    errno.ECONNRESET: _NETWORK,
    errno.ETIMEDOUT: _NETWORK,
    errno.EHOSTUNREACH: _NETWORK,
    errno.ENETUNREACH: _NETWORK,
    errno.EADDRINUSE: "Dừng chương trình đó, hoặc chọn cổng khác.",
    errno.EPIPE: "Kết quả chưa hiện hết.",
}


def mistake(message: str) -> str:
    """What the command-line library says, in Vietnamese where it is one of its usual sentences."""
    for pattern, said in _WORDS:
        message = pattern.sub(said, message)
    return message


def system_fault(error: OSError) -> str:
    """What the operating system refused, with the file that it is about and what to do."""
    what = _SYSTEM.get(error.errno or 0) or error.strerror or str(error)
    if error.filename:
        return f"{what}: «{str(error.filename)[:200]}». Kiểm tra đường dẫn và quyền."
    if isinstance(error, socket.gaierror):
        return f"Không tìm thấy tên máy ({what}). Kiểm tra địa chỉ đã cấu hình và mạng."
    return f"{what}. {_ADVICE.get(error.errno or 0, 'Xem nhật ký rồi chạy lại.')}"


def given_path(text: str) -> Path:
    """The path that was given; an empty one, as an unset variable leaves it, is not this folder."""
    if not text.strip():
        raise typer.BadParameter("đường dẫn trống; muốn thư mục đang đứng thì viết «.».")
    return Path(text)
