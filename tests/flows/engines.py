"""Recognition that misbehaves, one way each; they run in the child processes of the line."""

import os
import signal
import time
from pathlib import Path

from reading.recognise import read_page


class Crashes:
    """Dies on every page, as tesseract does on a few."""

    def __init__(self, only: str = "") -> None:
        self.only = only

    def __call__(self, image, page, settings):
        if self.applies(image):
            self.misbehave()
        return read_page(image, page, settings)

    def applies(self, image):
        """Whether this page is one of those that make it misbehave."""
        return not self.only or Path(image).suffix == self.only

    def misbehave(self):
        """What it does instead of reading."""
        os.kill(os.getpid(), signal.SIGSEGV)


class Hangs(Crashes):
    """Never comes back."""

    def misbehave(self):
        time.sleep(600)


class EatsMemory(Crashes):
    """Asks for more memory than any page may have."""

    def misbehave(self):
        bytearray(8 * 1024**3)


class IsKilledOnce(Crashes):
    """Killed on its first page, as by a machine short of memory; well ever after."""

    def __init__(self, mark: Path) -> None:
        super().__init__()
        self.mark = mark

    def misbehave(self):
        try:
            self.mark.touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)
