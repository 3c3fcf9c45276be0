"""Foreign and hostile signed files: the verdict on each is the one in the table, within 10 s.

To write the table anew after a deliberate change: `python -m tests.golden.test_signed_verdicts
FOLDER` and read the difference before committing it.
"""

import json
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from domain.errors import DocumentFault
from signing.verdicts import Verification
from signing.verify import verify_pdf

TABLE = Path(__file__).with_name("signed_verdicts.json")
EXPECTED = json.loads(TABLE.read_text(encoding="utf-8"))


def _judge(file, roots=()):
    """File-level words and the reasons, in a stable form."""
    try:
        found = verify_pdf(file, trust_roots=roots)
    except DocumentFault as fault:
        found = Verification(reasons=(str(fault),))
    reasons = {*found.reasons, *(reason for one in found.signatures for reason in one.reasons)}
    return {
        "verdict": found.verdict,
        "integrity": found.integrity,
        "modified_since": any(one.modified_since for one in found.signatures),
        "levels": [one.level for one in found.signatures],
        "reasons": sorted(reasons),
    }


@pytest.mark.parametrize("name", EXPECTED)
def test_the_verdict_on_a_foreign_file_is_the_one_in_the_table(
    samples, reading_pool, test_keys, name
):
    """In a child process with limits, trusting another authority than the file's."""
    root = test_keys / "demo" / "root.pem"
    begun = time.monotonic()
    judge = partial(_judge, roots=(root,))
    found = reading_pool.run(judge, samples / "signed" / name, timeout_seconds=10)
    assert found == EXPECTED[name]
    assert found["verdict"] != "sound"
    assert time.monotonic() - begun < 10


def test_every_file_of_the_samples_stands_in_the_table(samples):
    assert sorted(EXPECTED) == sorted(file.name for file in (samples / "signed").glob("*.pdf"))


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    from signing.demo_authority import make_demo_keys

    with TemporaryDirectory() as keys:
        root = make_demo_keys(Path(keys), agency_name="A", officer_name="B").root_certificate
        table = {
            file.name: _judge(file, (root,)) for file in sorted(Path(sys.argv[1]).glob("*.pdf"))
        }
    TABLE.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
