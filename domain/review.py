"""What a reviewer can say of a paper, and how doubtful papers are put on one form."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.describe import TYPE_KEY, TYPE_LABEL
from domain.record import FIELD_LABELS, FIELD_NAMES

LARGEST_SHEET = 20
"""Papers on one form; more are no longer quick to fill."""
NOT_ON_PAPER = "-"
"""What a reviewer types for a field that the paper does not have."""
DUPLICATE = "trùng"
"""How the reason begins when a paper looks like an earlier one."""
DOUBT_LABELS: dict[str, str] = {
    TYPE_KEY: TYPE_LABEL,
    **{name: FIELD_LABELS[name] for name in FIELD_NAMES},
}
"""What reasons for review begin with, by the key under which it is corrected."""
_QUOTED = re.compile(r"«([^«»]*)»")
_NUMBER = re.compile(r"(?<![\w-])\d(?:[./ -]?\d){3,}(?![\w-])")
"""Four or more digits: a date, a year, an identifier; not a piece of a paper's id."""
_DOTS = "…"
_NORMAL_95 = 1.959964


class Decision(StrEnum):
    """A reviewer's decision, in the words of the form."""

    AGREE = "đồng ý"
    CORRECT = "sửa"
    RESCAN = "quét lại"
    REJECT = "loại"


class Purpose(StrEnum):
    """Why a person looks: the machine doubts, or a sample of what it accepted (hậu kiểm)."""

    DOUBT = "doubt"
    SAMPLE = "sample"


class Duplicate(StrEnum):
    """What to do with a paper that looks like an earlier one."""

    SEPARATE = "là giấy khác"
    REPLACES = "thay bản cũ"


class Verdict(BaseModel):
    """What a reviewer decided on one paper, not checked yet."""

    model_config = ConfigDict(frozen=True)

    paper_id: str
    decision: Decision
    corrections: Mapping[str, str | None] = {}
    """Field name, `type`, or `details.` and the id of an own field of the type → value; None where
    the paper has no such value."""
    unit: str | None = None
    dossier: str | None = None
    """The unit and dossier that the paper belongs to, where they were wrong."""
    duplicate: Duplicate | None = None
    reason: str | None = None


def doubted_field(reasons: Sequence[str]) -> str | None:
    """The one field (or `type`) that all reasons name; None where several or none are named.

    Only papers with one and the same doubted field share a form.
    """
    keys = {label: key for key, label in DOUBT_LABELS.items()}
    named = {keys.get(reason.partition(":")[0]) for reason in reasons}
    return named.pop() if len(named) == 1 else None


def doubted_labels(reasons: Sequence[str]) -> tuple[str, ...]:
    """What the reasons begin with: the names of what is doubted, without any value."""
    return tuple(dict.fromkeys(reason.partition(":")[0] for reason in reasons))


def without_values(text: str, values: Iterable[str | None] = ()) -> str:
    """A fault without personal data: which field and which rule, as Prefect may keep it.

    `values` (what was typed and read), whatever is quoted but the words of a decision, and every
    number of four or more digits become three dots.
    """
    for value in sorted({value for value in values if value}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", _DOTS, text)
    words = set(Decision)
    text = _QUOTED.sub(lambda found: found[0] if found[1] in words else f"«{_DOTS}»", text)
    return _NUMBER.sub(_DOTS, text)


def sample_chosen(keyed_hash: str, rate: float) -> bool:
    """Whether a paper is in the sample: its keyed hash (hex) as a fraction of 1, below `rate`.

    The same paper is always in or always out, and nobody without the key knows which.
    """
    return int(keyed_hash[:12], 16) / 16**12 < rate


def interval(wrong: int, checked: int) -> tuple[float, float]:
    """The 95 % confidence interval of a rate (Wilson's score), as fractions of 1."""
    if not checked:
        return 0.0, 1.0
    share, spread = wrong / checked, _NORMAL_95**2 / checked
    middle = (share + spread / 2) / (1 + spread)
    half = _NORMAL_95 * math.sqrt((share * (1 - share) + spread / 4) / checked) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
