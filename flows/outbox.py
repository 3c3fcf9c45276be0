"""What was archived becomes searchable, and the national portal is told of it."""

from __future__ import annotations

from prefect import flow

from domain.errors import ConfigurationFault
from flows.naming import dated
from flows.parameters import Messages, Minutes, Papers
from flows.remarks import remark
from tasks.house import house
from tasks.outbox import Sent, send_waiting
from tasks.shelve import shelve_new

_NO_ADDRESS = "Chưa cấu hình địa chỉ cổng (SOHOA_OUTBOX__URL); không gửi gì."


@flow(name="outbox", flow_run_name=dated("Gửi lên Cổng DVCQG"), validate_parameters=True)
def outbox(messages: Messages = 5_000, minutes: Minutes = 9) -> Sent:
    """Gửi giấy tờ đã lưu trữ lên Cổng DVCQG, theo thứ tự trong từng hồ sơ, mỗi giấy tờ một lần."""
    if house().settings.outbox.url is None:  # most installations: the schedule has nothing to do
        remark(_NO_ADDRESS)
        return Sent(stopped=_NO_ADDRESS)
    done: Sent = send_waiting(messages, minutes)
    official = "" if done.official else " (mẫu thông điệp không theo đặc tả chính thức)"
    remark(
        f"{done.sent} đã gửi, {done.again} sẽ gửi lại, {done.dead} hỏng; Cổng đã nhận "
        f"{done.done}/{done.archived} giấy tờ{official}."
    )
    if done.stopped:  # the address, key or right is wrong: no message would pass
        raise ConfigurationFault(f"{done.stopped}: kiểm tra địa chỉ và khóa của SOHOA_OUTBOX.")
    return done


@flow(name="shelve", flow_run_name=dated("Đưa vào kho dữ liệu"), validate_parameters=True)
def shelve(papers: Papers = 2_000) -> int:
    """Đưa giấy tờ mới lưu trữ vào kho dữ liệu: tìm được toàn văn, biết kết quả kiểm tra chữ ký."""
    done: int = shelve_new(papers)
    remark(f"{done} giấy tờ mới tìm được trong kho dữ liệu.")
    return done
