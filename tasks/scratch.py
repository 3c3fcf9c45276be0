"""Private folders of steps: pages and words of people, gone with the step that needed them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import DocumentFault, Unavailable
from tasks.worker_names import SLASHES, is_dead

_IN_A_NAME = "~"  # stands for the slashes of a worker's name in the name of a folder
_LEAST_FREE_BYTES = 32 * 1024**2  # a page at 600 dpi in colour would not find room any more


@contextmanager
def private_folder(root: Path, worker: str) -> Iterator[Path]:
    """A folder of this worker below `root`, mode 0700, gone afterwards.

    Raises Unavailable in place of a fault that a full disk explains.
    """
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = worker.replace("/", _IN_A_NAME)
    with tempfile.TemporaryDirectory(dir=root, prefix=owner + _IN_A_NAME) as folder:
        try:
            yield Path(folder)
        except (DocumentFault, OSError, RuntimeError) as fault:
            _believe(fault, Path(folder))
            raise


def sweep(root: Path) -> None:
    """Remove what killed workers of this machine left below `root`."""
    for folder in root.glob("*"):
        owner, _, _ = folder.name.rpartition(_IN_A_NAME)
        worker = owner.replace(_IN_A_NAME, "/")
        if worker.count("/") == SLASHES and is_dead(worker):
            shutil.rmtree(folder, ignore_errors=True)


def _believe(fault: Exception, folder: Path) -> None:
    """Unavailable when the disk is full: libraries then call a good document damaged."""
    if shutil.disk_usage(folder).free < _LEAST_FREE_BYTES:
        raise Unavailable(
            "Ổ đĩa của thư mục làm việc đã đầy: giải phóng dung lượng, việc dở sẽ được làm tiếp."
        ) from fault
