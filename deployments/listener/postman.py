"""Beside the requests: mail the alarms that have come, until the mail server has taken them."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from itertools import chain, repeat
from typing import NamedTuple

from deployments.listener.beside import Beside
from domain.errors import SohoaError
from tasks.house import house
from tasks.mail import Alarmed, send

LOG = logging.getLogger("sohoa.listen")
_LONGEST_SECONDS = 900.0
"""For so long one alarm is tried; the next ones are tried anyway."""
_AGAIN_SECONDS = (15.0, 60.0, 240.0)
_MOST = 1000
"""Alarms that wait at once; more than anybody reads."""


class _Waiting(NamedTuple):
    alarm: Alarmed
    since: float


class Postman(Beside):
    """Sends what waits as one mail. An alarm that nobody could be told of ends as an error line.

    Alarms wait in memory: a listener that is stopped names those that it had not sent.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[_Waiting] = deque()
        self._lock = threading.Lock()

    def take(self, alarm: Alarmed) -> None:
        """Mail it soon, together with what else waits."""
        with self._lock:
            self._waiting.append(_Waiting(alarm, time.monotonic()))
            overflow = [self._waiting.popleft().alarm for _ in range(len(self._waiting) - _MOST)]
        _give_up(overflow, "quá nhiều cảnh báo đang chờ")
        self.wake()

    def work(self) -> None:
        """Send, and where that fails try again, more and more seldom."""
        while not self.over.is_set():
            self.woken.wait()
            self.woken.clear()
            for pause in chain(_AGAIN_SECONDS, repeat(_AGAIN_SECONDS[-1])):
                if self._deliver() or self.over.wait(pause):
                    break
        with self._lock:
            _give_up([one.alarm for one in self._waiting], "bộ nhận tin dừng")

    def _deliver(self) -> bool:
        """Whether nothing waits any more."""
        with self._lock:
            batch = list(self._waiting)
        if not batch:
            return True
        try:
            send(house().settings.mail, [one.alarm for one in batch])
        except SohoaError as error:
            LOG.warning("%d cảnh báo chưa gửi được bằng thư: %s", len(batch), error)
            now = time.monotonic()
            lost = [
                one for one in batch if not error.transient or now - one.since > _LONGEST_SECONDS
            ]
            self._drop(lost)
            _give_up([one.alarm for one in lost], str(error))
            return len(lost) == len(batch)
        self._drop(batch)
        return True

    def _drop(self, batch: list[_Waiting]) -> None:
        with self._lock:
            for one in batch:
                if one in self._waiting:
                    self._waiting.remove(one)


def _give_up(alarms: list[Alarmed], why: str) -> None:
    for alarm in alarms:
        LOG.error("bỏ cảnh báo %s về %s (%s): %s", alarm.alarm, alarm.about, why, alarm.text)
