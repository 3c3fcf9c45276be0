"""Walk the audit chain (nhật ký): is every row there, as it was written?"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from storage.registry import audit
from storage.registry.audit import Head
from tasks.house import House


class AuditState(BaseModel):
    """What the walk found; `head` is for keeping elsewhere, as the anchor of a later walk."""

    model_config = ConfigDict(frozen=True)

    rows: int
    head: str
    """`number:digest` of the last row."""
    broken_at: int | None = None
    """The first row that was altered or removed."""

    @property
    def sound(self) -> bool:
        """Nothing was altered or removed."""
        return self.broken_at is None


def parse_head(text: str) -> Head:
    """The head written as `number:digest`; ValueError for anything else."""
    seq, _, digest = text.partition(":")
    return Head(int(seq), digest)


def verify_audit(here: House, *, anchor: Head | None = None, last: int | None = None) -> AuditState:
    """Walk the whole chain, or its last rows only, as it is at one moment: others go on writing."""
    here.registry.migrate()
    with here.registry.snapshot() as db:
        head = audit.head(db)
        after = max(0, head.seq - last) if last else 0
        broken = audit.broken_at(db, after=after, anchor=anchor)
    return AuditState(rows=head.seq - after, head=f"{head.seq}:{head.digest}", broken_at=broken)
