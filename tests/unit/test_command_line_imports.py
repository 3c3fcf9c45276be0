"""What the command line may not import: its password is given before Prefect is there."""

from __future__ import annotations

import subprocess
import sys


def test_the_command_line_does_not_import_prefect() -> None:
    """Prefect takes the server's password when it is imported; `main` reads the file first."""
    seen = "import sys, deployments.cli.main; print('prefect' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", seen], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "False"
