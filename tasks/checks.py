"""What `sohoa doctor` looks at: each part is found, works, and says what to do when it does not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import NamedTuple

from domain.errors import SohoaError
from domain.health import Check, Found
from tasks import checks_machine, checks_server, checks_stores, checks_trust, store_checks
from tasks.house import House


class Part(NamedTuple):
    """One thing that is looked at; `name` is stable, the rest is for people."""

    name: str
    title: str
    look: Callable[[House], Found]
    remedy: str
    needed: bool = True


_STORE = "Kiểm tra máy chủ S3 hoặc thư mục: đang chạy, còn chỗ, khóa và quyền đúng."

PARTS = (
    Part(
        "catalogue",
        "cấu hình và danh mục",
        checks_machine.catalogue,
        "Sửa mục nêu tên trong SOHOA_CATALOGUE hoặc SOHOA_PLAN; thử: sohoa catalogue check.",
    ),
    Part(
        "tesseract",
        "tesseract",
        checks_machine.tesseract,
        "Cài gói tesseract-ocr và tesseract-ocr-vie.",
    ),
    Part("font", "phông chữ", checks_machine.font, "Cài gói fonts-liberation2."),
    Part(
        "registry",
        "sổ đăng ký",
        checks_stores.registry,
        "Khởi động lại cơ sở dữ liệu; mất dữ liệu thì sohoa registry restore, rồi sohoa rebuild.",
    ),
    Part(
        "audit",
        "nhật ký",
        checks_stores.audit,
        "Giữ nguyên hiện trường, đừng sửa gì; so với bản sao lưu: sohoa registry check BẢN.",
    ),
    Part("intake", "kho tiếp nhận", checks_stores.intake, _STORE),
    Part("work", "kho trung gian", checks_stores.work, _STORE),
    Part(
        "archive",
        "kho lưu trữ",
        checks_stores.archive,
        f"{_STORE} Dùng thật thì đặt SOHOA_ARCHIVE là kho S3 có khóa WORM.",
    ),
    Part("quarantine", "kho để riêng", checks_stores.quarantine, _STORE),
    Part(
        "buckets",
        "bucket S3",
        store_checks.check_buckets,
        "Chạy sohoa doctor --init bằng khóa của chủ bucket.",
    ),
    Part(
        "put-once",
        "ghi một lần",
        store_checks.check_put_once,
        "Dùng máy chủ S3 giữ được If-None-Match, hoặc để sổ đăng ký giữ quyền ghi như mặc định.",
    ),
    Part(
        "encryption",
        "mã hóa kho",
        store_checks.check_encryption,
        "Mã hóa ổ đĩa của máy chủ S3 (dm-crypt) và ghi vào hồ sơ của đơn vị.",
        needed=False,
    ),
    Part(
        "worm",
        "khóa WORM",
        store_checks.check_worm,
        "Dùng bucket có Object Lock và chính sách deployments/s3/archive.json; kho nhả khóa thì "
        "ngừng lưu trữ, báo nhà cung cấp.",
    ),
    Part(
        "keys",
        "khóa ký",
        checks_trust.keys,
        "Gia hạn chứng thư trước khi hết hạn; sai PIN thì sửa tệp PIN rồi sohoa keys unlock.",
    ),
    Part(
        "time-stamps",
        "dấu thời gian",
        checks_trust.time_stamps,
        "Báo tổ chức cấp dấu thời gian, thêm máy chủ thứ hai vào SOHOA_SIGNATURES__TSA; khi có "
        "lại, lượt catch-up tự nâng mức chữ ký.",
        needed=False,
    ),
    Part(
        "revocation",
        "trạng thái chứng thư",
        checks_trust.revocation,
        "Chứng thư bị thu hồi: thay khóa ngay. Không hỏi được OCSP: mở đường ra mạng tới địa chỉ "
        "trong chứng thư.",
        needed=False,
    ),
    Part(
        "disk",
        "đĩa",
        checks_machine.disk,
        "Dọn hoặc mở rộng ổ đĩa của SOHOA_HOME; đầy đĩa thì dây chuyền dừng, không mất gì.",
    ),
    Part(
        "clock",
        "đồng hồ",
        checks_machine.clock,
        "Bật đồng bộ giờ (chrony hoặc systemd-timesyncd) trên máy nêu tên.",
    ),
    Part(
        "server",
        "máy chủ Prefect",
        checks_server.server,
        "Khởi động lại máy chủ Prefect; kiểm tra PREFECT_API_URL và SOHOA_SERVER_AUTH_FILE.",
    ),
    Part(
        "workers",
        "worker",
        checks_server.workers,
        "Khởi động lại worker trên máy nêu tên; work pool đang tạm dừng thì bật lại trong giao "
        "diện.",
    ),
    Part(
        "queue",
        "hàng đợi",
        checks_stores.queue,
        "Xem lượt chạy đang dừng ở đâu trong giao diện; thêm worker nếu mọi worker đều bận.",
        needed=False,
    ),
)
"""Everything that is looked at, in this order."""


def run_checks(here: House) -> Iterator[Check]:
    """All checks, one after the other; each ends by itself within seconds."""
    for part in PARTS:
        try:
            state, detail = part.look(here)
        except SohoaError as error:
            state, detail = "missing", str(error)
        except (OSError, subprocess.SubprocessError) as error:
            state, detail = "missing", f"{type(error).__name__}: {error}"
        yield Check(
            name=part.name,
            part=part.title,
            state=state,
            detail=detail,
            remedy=part.remedy,
            needed=part.needed,
        )
