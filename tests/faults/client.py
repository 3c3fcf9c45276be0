"""A client that uploads files as one lot: `python -m tests.faults.client LOT FILE…`."""

import sys
from pathlib import Path

from tasks.house import house
from tasks.upload import Overrides, upload
from tests.faults.worker import READY

if __name__ == "__main__":
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    upload([Path(name) for name in sys.argv[2:]], Overrides(lot=sys.argv[1], unit="H31"))
    house().close()
