"""`sohoa warm`: flow runs of this host's workers start from a warm process."""

from __future__ import annotations


def warm() -> None:
    """Giữ sẵn một tiến trình đã nạp mọi thư viện: lượt chạy của worker trên máy này bắt đầu ngay.

    Chạy cạnh worker, mỗi máy một tiến trình; dừng cũng không sao, lượt chạy khi đó chậm vài giây.
    """
    from deployments.warm.nursery import keep_warm
    from deployments.work_pool import warm_socket

    keep_warm(warm_socket())
