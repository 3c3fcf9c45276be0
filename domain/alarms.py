"""Alarms (cảnh báo): what must not wait until somebody looks, and what to do about each.

An alarm is an event of this name on the Prefect server; one automation on `sohoa.alarm.*`
forwards them all (`sohoa alarms`). docs/operations.md has the same table; a test holds it to this.
"""

from __future__ import annotations

from typing import NamedTuple


class Alarm(NamedTuple):
    """The event's name, what it means, and what the administrator does."""

    event: str
    meaning: str
    remedy: str


SECRET_FOUND = Alarm(
    "sohoa.alarm.secret-found",
    "Một bản quét có dấu mật vào hệ thống; đã dừng lại, không giữ chữ nào.",
    "Báo người phụ trách bảo mật, làm theo quy định về tài liệu mật. Nhận nhầm thì chạy requeue "
    "với «not_secret».",
)
REVIEW_OVERDUE = Alarm(
    "sohoa.alarm.review-overdue",
    "Giấy tờ chờ duyệt quá hạn.",
    "Mở phiếu ở trang Runs (deployment review); thiếu người thì thêm bằng sohoa reviewer add.",
)
ARCHIVE_DAMAGED = Alarm(
    "sohoa.alarm.archive-damaged",
    "Đối tượng trong kho lưu trữ bị hỏng hoặc mất tệp.",
    'Giữ nguyên hiện trường, lấy lại từ kho thứ hai: sohoa restore ĐỐI_TƯỢNG --by "Họ tên".',
)
NOT_COPIED = Alarm(
    "sohoa.alarm.not-copied",
    "Đối tượng lưu trữ không chép được sang kho thứ hai.",
    "Chạy fixity để xem bản gốc có hỏng không, xem kho thứ hai còn chỗ và còn quyền ghi không.",
)
NOT_WORM = Alarm(
    "sohoa.alarm.not-worm",
    "Kho lưu trữ để xóa, ghi đè hoặc rút ngắn khóa của thứ đã khóa.",
    "Ngừng lưu trữ vào kho đó, đặt lại chính sách bằng sohoa doctor --init, báo nhà cung cấp kho; "
    "chạy fixity để biết đã mất gì chưa.",
)
UNHEALTHY = Alarm(
    "sohoa.alarm.unhealthy",
    "Lượt khám (doctor) thấy một phần của hệ thống không làm việc.",
    "Làm theo cách xử lý ghi trong cảnh báo và ở bảng «Từng phần» dưới đây.",
)
TRIAL = Alarm(
    "sohoa.alarm.trial",
    "Cảnh báo thử (sohoa alarms try).",
    "Không phải làm gì: cảnh báo tới nơi là đường gửi tốt.",
)

ALARMS = (SECRET_FOUND, REVIEW_OVERDUE, ARCHIVE_DAMAGED, NOT_COPIED, NOT_WORM, UNHEALTHY, TRIAL)
"""Every alarm of this software."""
