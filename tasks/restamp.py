"""New proof for an archived file: a time stamp inside it, or evidence beside it; both judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from domain.errors import IntegrityFault, Unavailable
from signing.attestations import PAPER, SIGNATURE, attestations, evidence_names
from signing.outlook import Outlook, outlook
from signing.verdicts import Verification
from tasks.house import House
from tasks.verify import signatures_of

_UNREADABLE = "Dấu thời gian vừa thêm không đọc lại được; báo quản trị viên."
_SECONDS = 60.0


class Renewed(NamedTuple):
    """What a renewal came to."""

    verification: Verification
    proven: Outlook
    lacking: str
    """What could not be proved although it should have been, in Vietnamese; mostly empty."""


def stamp_inside(here: House, paper: Path, judge: Callable[[House, Path], Verification]) -> Renewed:
    """Renew the PDF `paper` in its place, and prove it.

    Raises Unavailable where no authority or responder answers, IntegrityFault and DocumentFault
    where the file is not what it must be.
    """
    from signing.renewing import renew_pdf  # imports pyHanko

    with _waiting_for_services():
        lacking = renew_pdf(paper, paper, here.trust_services)
    verification = judge(here, paper)
    proven = here.pool.run(outlook, paper, timeout_seconds=_SECONDS)
    if proven is None or not proven.document_time_stamps:
        raise IntegrityFault(_UNREADABLE)
    return Renewed(verification, proven, "; ".join(lacking))


def stamp_beside(
    here: House, files: Mapping[str, Path], folder: Path
) -> tuple[Renewed, dict[str, Path]]:
    """Evidence for a detached signature, written to `folder` and proved; its names and files.

    `files` are those of the newest version. Raises as `stamp_inside` does.
    """
    from signing.attesting import attest  # imports pyHanko
    from signing.evidence_formats import outlook_beside  # same

    with _waiting_for_services():
        made, lacking = attest(files, folder, here.trust_services)
    all_ = {**files, **made}
    evidence = {name: all_[name] for name in evidence_names(all_)}
    verification = signatures_of(here, all_[PAPER], all_[SIGNATURE], evidence)
    ours = {all_[SIGNATURE].name, *(one.token for one in attestations(evidence))}
    if not ours <= {one.field for one in verification.signatures if one.integrity == "intact"}:
        raise IntegrityFault(_UNREADABLE)
    proven = here.pool.run(outlook_beside, all_, timeout_seconds=_SECONDS)
    return Renewed(verification, proven, "; ".join(lacking)), made


@contextmanager
def _waiting_for_services() -> Iterator[None]:
    from signing.timestamps import NoTimeStampError  # import pyHanko
    from signing.validation_data import NoValidationDataError  # same

    try:
        yield
    except (NoTimeStampError, NoValidationDataError) as error:
        raise Unavailable(f"Chưa đóng dấu thời gian được: {error}. Chạy lại sau.") from error
