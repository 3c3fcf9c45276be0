"""`sohoa warm`: flow runs of this host's workers start from a warm process."""

from __future__ import annotations

import os
import sys


def warm() -> None:
    """Giữ sẵn một tiến trình đã nạp mọi thư viện: lượt chạy của worker trên máy này bắt đầu ngay.

    Chạy cạnh worker, mỗi máy một tiến trình; dừng cũng không sao, lượt chạy khi đó chậm vài giây.
    """
    from deployments.work_pool import warm_socket

    # A fresh interpreter: this one has loaded libraries that may have started threads already.
    words = [sys.executable, "-m", "deployments.warm", str(warm_socket())]
    os.execve(sys.executable, words, {**os.environ, "OPENBLAS_NUM_THREADS": "1"})  # noqa: S606
