"""What is said when a scan cannot be read, and the border where foreign errors become ours."""

from __future__ import annotations

import errno
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from domain.errors import DocumentFault, Unavailable

Reason = Literal[
    "empty",
    "unknown_format",
    "encrypted",
    "truncated",
    "damaged",
    "too_many_pages",
    "too_large",
    "timeout",
    "crashed",
    "no_pages",
    "lot_in_zip",
    "zip_unsuitable",
]

_MESSAGES: dict[Reason, str] = {
    "empty": "Tệp rỗng, không có dữ liệu: quét lại rồi tải lên lần nữa.",
    "unknown_format": (
        "Không đọc được định dạng của tệp: chỉ nhận PDF và ảnh JPEG, PNG, TIFF, WebP, BMP, GIF, "
        "JPEG 2000, hoặc ZIP của các tệp đó; "
        "xuất lại từ máy quét rồi tải lên."
    ),
    "encrypted": (
        "Tệp có mật khẩu: bỏ mật khẩu hoặc quét lại bản giấy rồi tải lên; "
        "không gửi mật khẩu kèm theo."
    ),
    "truncated": "Tệp bị cắt ngang, thiếu phần cuối: tải lên lại từ máy quét.",
    "damaged": "Tệp bị hỏng, không đọc được trọn vẹn: quét lại hoặc xuất lại rồi tải lên.",
    "too_many_pages": "Tệp có quá nhiều trang: tách thành nhiều tệp rồi tải lên.",
    "too_large": "Trang hoặc tệp quá lớn: quét lại ở 200-300 dpi hoặc tách thành nhiều tệp.",
    "timeout": "Đọc tệp quá lâu nên đã dừng: quét lại ở 200-300 dpi; nếu vẫn vậy, báo quản trị.",
    "crashed": "Chương trình đọc dừng đột ngột vì tệp này: quét lại bản giấy; giữ tệp để kiểm tra.",
    "no_pages": "Tệp không có trang nào: kiểm tra lại tệp rồi quét lại.",
    "lot_in_zip": (
        "Tệp ZIP có lot.json, là cả một lô: tải lên một mình tệp này bằng «sohoa upload» "
        "hoặc «sohoa digitize» để được mở ra thành lô."
    ),
    "zip_unsuitable": (
        "ZIP lồng trong ZIP, PDF đã ký số và PDF xuất từ phần mềm không nhận trong ZIP, vì phải "
        "giữ nguyên từng byte: lấy ra rồi tải lên riêng."
    ),
}

_ENVIRONMENT = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EROFS}

FOREIGN_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What parsers of images and PDFs were seen to raise on malformed input."""


def fault(reason: Reason, detail: str = "") -> DocumentFault:
    """The error for `reason`, with a Vietnamese sentence on what the officer can do."""
    message = _MESSAGES[reason]
    return DocumentFault(reason, f"{message} ({detail})" if detail else message)


@contextmanager
def foreign_bytes(reason: Reason = "damaged") -> Iterator[None]:
    """Turn whatever a parser raises on foreign bytes into DocumentFault of this reason.

    Memory that runs out is `too_large`. A full disk or too many open files is the machine's
    fault, not the document's: Unavailable, so that the step is tried again.
    """
    try:
        yield
    except MemoryError as error:
        raise fault("too_large") from error
    except FOREIGN_ERRORS as error:
        if isinstance(error, OSError) and error.errno in _ENVIRONMENT:
            raise Unavailable(f"Máy không ghi hoặc đọc được tệp tạm: {error.strerror}") from error
        raise fault(reason) from error
