"""What a test runs in place of a flow run: says who and where it is, then waits for its end."""

import multiprocessing
import os
import sys
import time
from pathlib import Path


def modules():
    """In a child of the reading pool: what it has imported before it was asked for anything."""
    return sorted(sys.modules)


if __name__ == "__main__":
    print(os.getpid(), os.getppid(), os.environ["ASKED"], Path.cwd(), flush=True)  # noqa: T201
    if os.environ["ASKED"] == "children":
        with multiprocessing.get_context("forkserver").Pool(1) as pool:
            print(*pool.apply(modules), flush=True)  # noqa: T201
    if os.environ["ASKED"] == "wait":
        time.sleep(60)
    sys.exit(7)
