"""How long what is archived is locked: by the retention class of its type (thời hạn lưu trữ)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from domain.retention import RetentionClass
from storage.ocfl_layout import object_root
from tasks.house import VIETNAM, House

_LAST = time(23, 59, 59)
"""Of a day; stores keep locks to the second or so."""


def lock_end(here: House, types: Iterable[str | None], since: datetime) -> datetime | None:
    """Until when papers of these types are locked that were archived on `since`.

    The longest of their classes' first locks, to the end of its last day; None: no lock. A paper
    whose type is not in the catalogue any more is locked as long as the longest class.
    """
    classes: list[RetentionClass] = []
    day_one = since.astimezone(VIETNAM).date()
    for type_id in types:
        found = here.catalogue.retention_of(type_id)
        classes += [found] if found else here.catalogue.retention
    days = [day for one in classes if (day := one.lock_until(day_one))]
    return datetime.combine(max(days), _LAST, VIETNAM) if days else None


def extend_locks(here: House, object_id: str, until: datetime | None) -> None:
    """Lock everything that is stored of an archive object at least until then."""
    if until is None:
        return
    objects = here.archive.objects
    for key in list(objects.keys(f"{object_root(object_id)}/")):
        objects.extend_lock(key, until)
