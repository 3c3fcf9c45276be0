"""Signing works whichever of its modules a process imports first."""

import subprocess
import sys

_SIGN = """
import signing.validation_data
import sys
from pathlib import Path
from signing.demo_authority import make_demo_keys
from signing.detached import detached_holds
from signing.pdf import sign_detached

keys = make_demo_keys(Path(sys.argv[1]), agency_name="A", officer_name="B")
folder = Path(sys.argv[2])
source, signature = folder / "a", folder / "a.p7s"
source.write_bytes(b"x")
sign_detached(source, signature, signer=keys.agency)
assert detached_holds(source, signature)
"""


def test_a_signature_can_be_made_after_validation_data_was_imported_first(tmp_path, test_keys):
    """Tables of asn1crypto that were filled too early lack the names that pyHanko adds."""
    done = subprocess.run(
        [sys.executable, "-c", _SIGN, str(test_keys), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
