"""What the form beside the run button asks: titles and explanations, in Vietnamese.

Prefect 3.8.8 writes a parameter's own name over its title and nothing over its description; what
stands in `json_schema_extra` comes through.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from domain.period import Kind
from flows.corrections import Corrections


def asked(title: str, description: str, **rules: Any) -> Any:
    """A field of the form: its title, what to fill in, and the values that are taken."""
    return Field(
        description=description,
        json_schema_extra={"title": title, "description": description},
        **rules,
    )


Lot = Annotated[
    str | None,
    asked("Lô", "Tên lô đã tải lên; để trống: mọi bản quét đang chờ.", max_length=80),
]
Limit = Annotated[int, asked("Số bản quét", "Số bản quét nhiều nhất của lượt chạy.", ge=1, le=100)]
_PAPER = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
Paper = Annotated[
    str,
    asked("Giấy tờ", "Định danh của giấy tờ (cột «Định danh» trong bảng của lô).", pattern=_PAPER),
]
PaperOrCode = Annotated[
    str,
    asked(
        "Giấy tờ hoặc mã",
        "Định danh, hoặc mã kết quả số hóa. Mã có dữ liệu cá nhân: đọc xong, lượt chạy xóa nó khỏi "
        "tham số của mình; có định danh thì nên dùng định danh.",
        min_length=1,
        max_length=400,
    ),
]
_SCAN_START = r"^[0-9a-f]{8,64}$"
Scan = Annotated[
    str,
    asked("Bản quét", "Từ 8 ký tự đầu của bản quét trở lên (bảng của lô).", pattern=_SCAN_START),
]
ScanOrAll = Annotated[
    Annotated[str, Field(pattern=_SCAN_START)] | None,
    asked(
        "Bản quét",
        "Từ 8 ký tự đầu của bản quét trở lên; để trống: theo lý do, hoặc mọi bản mà thử lại có "
        "thể sửa được.",
    ),
]
Reason = Annotated[
    str | None,
    asked("Lý do để riêng", "Từ khóa lý do (truncated, timeout…); để trống: không lọc."),
]
NotSecret = Annotated[
    str | None,
    asked(
        "Không phải tài liệu mật vì",
        "Chỉ điền khi bản quét bị nhận nhầm là mật: lý do, kèm «Bản quét» và họ tên người xác "
        "nhận; ghi vào nhật ký.",
        max_length=500,
    ),
]
Pages = Annotated[
    str,
    asked(
        "Khoảng trang",
        "Mỗi khoảng một giấy tờ: 1-3,4-9; bỏ trang 4: 1-3,-4,5-9. Phải nêu đủ mọi trang.",
        min_length=1,
        max_length=2000,
    ),
]
Actor = Annotated[
    str,
    asked("Người thực hiện", "Họ tên của bạn; ghi vào nhật ký.", pattern=r"\S", max_length=80),
]
Why = Annotated[
    str,
    asked(
        "Lý do",
        "Vì sao làm việc này; ghi vào nhật ký. Đừng ghi họ tên hay số giấy tờ của người dân.",
        pattern=r"\S",
        max_length=500,
    ),
]
Corrected = Annotated[
    Corrections,
    asked(
        "Sửa thành",
        "Ô để trống thì giữ nguyên. Có dữ liệu cá nhân: đọc xong, lượt chạy xóa khỏi tham số của "
        "mình.",
    ),
]
NewCode = Annotated[
    bool, asked("Cấp mã mới", "Cấp mã kết quả số hóa mới; mã cũ vẫn tìm ra giấy tờ.")
]
ReplacedBy = Annotated[
    Annotated[str, Field(pattern=_PAPER)] | None,
    asked("Giấy tờ thay thế", "Định danh của giấy tờ đã lưu trữ thay cho giấy tờ này, nếu có."),
]
OnOrOff = Annotated[
    Literal["lưu giữ", "thôi lưu giữ"],
    asked("Việc cần làm", "Đang lưu giữ thì không tiêu hủy được."),
]
OnList = Annotated[
    list[Annotated[str, Field(pattern=_PAPER)]],
    asked(
        "Giấy tờ",
        "Định danh từng giấy tờ trong danh sách của «dispose-list».",
        min_length=1,
        max_length=1000,
    ),
]
RegisterNumber = Annotated[
    str,
    asked("Số chứng thực", "Số trong sổ chứng thực.", min_length=1, max_length=60),
]
Certifier = Annotated[
    str,
    asked("Người chứng thực", "Họ tên người chứng thực.", min_length=1, max_length=80),
]
OriginalPresented = Annotated[
    bool,
    asked(
        "Đã đối chiếu bản chính",
        "Chỉ bật khi bản chính đã được xuất trình và bạn đã đối chiếu.",
    ),
]
Sheet = Annotated[str, asked("Phiếu", "Phiếu duyệt do «review-queue» mở; không ai phải tự điền.")]
CloseAs = Annotated[
    str | None,
    asked("Chốt số liệu với tên", "Tên lần chốt, ví dụ «Báo cáo quý I»; để trống: không chốt."),
]
ClosedBy = Annotated[
    str | None, asked("Người chốt", "Họ tên người chốt số liệu; điền cùng tên lần chốt.")
]
Objects = Annotated[
    int,
    asked("Số đối tượng", "Số đối tượng lưu trữ nhiều nhất mỗi lượt.", ge=1, le=90_000),
]
Papers = Annotated[int, asked("Số giấy tờ", "Số giấy tờ nhiều nhất mỗi lượt.", ge=1, le=90_000)]
Messages = Annotated[
    int, asked("Số thông điệp", "Số thông điệp nhiều nhất mỗi lượt.", ge=1, le=100_000)
]
Minutes = Annotated[
    float, asked("Số phút", "Hết thời gian này thì dừng, lượt sau làm tiếp.", gt=0, le=1440)
]
Gib = Annotated[float, asked("Dung lượng (GiB)", "Số GiB đọc nhiều nhất mỗi lượt.", gt=0)]
Since = Annotated[
    float, asked("Bỏ qua nếu mới đọc", "Đối tượng đã đọc trong số ngày này thì bỏ qua.", ge=0)
]
Days = Annotated[int, asked("Số ngày", "Số ngày gần đây được xét.", ge=1, le=366)]
Plan = Annotated[
    str | None,
    asked("Kế hoạch", "Mã kế hoạch (sohoa plan list); để trống: kế hoạch trong cấu hình."),
]
Period = Annotated[Kind, asked("Loại kỳ", "Kỳ báo cáo: tháng, quý hay năm.")]
Year = Annotated[int | None, asked("Năm", "Năm báo cáo; để trống: năm nay.", ge=2000, le=2100)]
Number = Annotated[
    int, asked("Kỳ thứ", "Tháng (1–12) hoặc quý (1–4); kỳ năm thì giữ 1.", ge=1, le=12)
]
