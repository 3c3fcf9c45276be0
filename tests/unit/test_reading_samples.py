"""Every foreign sample ends as an opened scan or as a refusal, in bounded time and memory."""

import pytest

from domain.errors import DocumentFault
from reading.limits import Limits
from reading.opening import open_scan
from reading.pool import ReadingPool

EXPECTED = {
    "zero-byte.pdf": "empty",
    "invalid.pdf": "truncated",
    "encrypted-test123.pdf": "encrypted",
    "r6-user-password.pdf": "encrypted",
    "20K-rgb.png": "too_large",
    "hugemono.pdf": "too_large",
    "decompression_bomb.gif": "too_large",
    "Pages-tree-refs.pdf": "damaged",
    "append-xref-loop.pdf": "damaged",
    "bad34.pdf": "damaged",
    "broken.png": "truncated",
    "livecycle.pdf": "unknown_format",
}
ACTIVE = {
    "attachment.pdf": "embedded_file",
    "doc_actions.pdf": "javascript",
    "evaljs.pdf": "javascript",
}


@pytest.fixture(scope="module")
def outcomes(samples, tmp_path_factory):
    """What became of each file of hostile/, scans/ and signed/: its kind and contents or reason."""
    limits = Limits()
    found = {}
    with ReadingPool(limits) as pool:
        for folder in ("hostile", "scans", "signed"):
            for source in sorted((samples / folder).iterdir()):
                pages = tmp_path_factory.mktemp("pages")
                try:
                    scan = pool.run(open_scan, source, pages, limits, timeout_seconds=60)
                except DocumentFault as fault:
                    found[source.name] = fault
                else:
                    assert all((pages / page.image).is_file() for page in scan.pages)
                    found[source.name] = scan
    return found


def test_every_file_has_an_outcome(outcomes):
    """No crash, no hang; what is refused says in Vietnamese what to do."""
    assert len(outcomes) > 70
    refusals = [item for item in outcomes.values() if isinstance(item, DocumentFault)]
    assert {fault.reason for fault in refusals} <= {
        "empty", "unknown_format", "encrypted", "truncated", "damaged", "too_large",
    }  # fmt: skip
    assert all(":" in str(fault) for fault in refusals)


@pytest.mark.parametrize(("name", "reason"), EXPECTED.items())
def test_what_cannot_be_read_has_the_right_reason(outcomes, name, reason):
    """Bombs are too large, passwords are named, loops are damage."""
    assert isinstance(outcomes[name], DocumentFault), outcomes[name]
    assert outcomes[name].reason == reason


@pytest.mark.parametrize(("name", "word"), ACTIVE.items())
def test_active_content_is_reported(outcomes, name, word):
    """Scripts and attachments are seen when the file is opened."""
    assert word in outcomes[name].active_content


def test_a_wrong_extension_does_not_matter(outcomes):
    """A WebP file named .png is read as what it is."""
    assert outcomes["covid.png"].media_type == "image/webp"


def test_all_odd_but_sound_scans_are_opened(outcomes, samples):
    """Nothing in scans/ is refused but its read-me file."""
    for source in (samples / "scans").iterdir():
        if source.suffix != ".rst":
            assert not isinstance(outcomes[source.name], DocumentFault), source.name


def test_signed_files_that_can_be_opened_are_known_as_signed(outcomes, samples):
    """None of them will ever be composed anew."""
    kinds = [
        outcomes[source.name].kind
        for source in (samples / "signed").iterdir()
        if not isinstance(outcomes[source.name], DocumentFault)
    ]
    assert len(kinds) >= 12
    assert set(kinds) == {"signed"}
