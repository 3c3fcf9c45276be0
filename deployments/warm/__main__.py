"""`python -m deployments.warm SOCKET`: the nursery, as `sohoa warm` starts it."""

import sys
from pathlib import Path

from deployments.warm.nursery import keep_warm

if __name__ == "__main__":
    keep_warm(Path(sys.argv[1]))
