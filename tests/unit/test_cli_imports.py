"""The command line starts without Prefect, which reads its settings once, when it is imported."""

import subprocess
import sys

_IMPORT = "import deployments.cli.main, sys; print('prefect' in sys.modules)"


def test_a_command_reads_the_password_before_prefect_is_imported():
    """Imported earlier, Prefect would know no password, and a server would refuse our events."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "False", done.stderr
