"""Everything archived, and once: the registry held against the archive, both read whole.

python -m tests.servers.ledger        # in an installation's environment; prints JSON
"""

import json
import sys
from collections import Counter

from sqlalchemy import func, select

from domain.identity import paper_object_id, scan_object_id
from domain.states import PaperState
from storage.registry.schema import papers, scans, uploads
from tasks.house import house


def ledger(*, check: bool) -> dict:
    """Counts, and by name what one side has and the other has not; empty lists are well."""
    here = house()
    with here.registry.read() as db:
        uploaded = db.execute(select(func.count()).select_from(uploads)).scalar_one()
        by_scan = Counter(db.execute(select(scans.c.state)).scalars())
        columns = (papers.c.id, papers.c.scan_id, papers.c.state, papers.c.code)
        rows = db.execute(select(*columns, papers.c.archive_version)).all()
    archived = [row for row in rows if row.state == PaperState.ARCHIVED]
    codes = Counter(row.code for row in archived)
    expected = Counter(
        [paper_object_id(row.id) for row in archived]
        + list({scan_object_id(row.scan_id) for row in archived})
    )
    found = Counter(here.archive.object_ids())
    between = list(here.settings.store("work").keys())
    return {
        "uploads": uploaded,
        "scans": dict(by_scan),
        "papers": dict(Counter(row.state for row in rows)),
        "versions": dict(Counter(str(row.archive_version) for row in archived)),
        "without_code": sum(row.code is None for row in archived),
        "codes_twice": sorted(code for code, times in codes.items() if times > 1),
        "missing": sorted((expected - found).elements()),
        "unknown": sorted((found - expected).elements()),
        "damaged": [name for name in found if check and here.archive.check(name)],
        "objects": sum(found.values()),
        "left_in_intake": len(list(here.intake.keys())),
        "left_between": sorted({key.split("/")[1] for key in between}),
    }


if __name__ == "__main__":
    print(json.dumps(ledger(check="--check" in sys.argv)))  # noqa: T201 - this is a command
