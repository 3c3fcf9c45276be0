"""What is learnt from corrections: labelled texts, which of them are held back, when to promote."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.vietnamese import fold

FEWEST_HELD_OUT = 5
"""Fewer held-out corrections cannot show that one model is better than another."""
SURE = 0.8
"""Below this probability the model does not vote."""
_HELD_OUT_SHARE = 4
_LONGEST_TEXT = 4000


class Example(BaseModel):
    """A paper whose type a person confirmed or corrected, and the text that was read on it."""

    model_config = ConfigDict(frozen=True)

    paper_id: str
    text: str
    type_id: str

    @property
    def held_out(self) -> bool:
        """Whether it is kept from training, for ever: decided by the paper's id alone."""
        return hashlib.sha256(self.paper_id.encode()).digest()[0] % _HELD_OUT_SHARE == 0


class Trial(NamedTuple):
    """How one model did on the held-out corrections."""

    right: int
    of: int

    @property
    def share(self) -> float:
        """0–1; 0 without corrections."""
        return self.right / self.of if self.of else 0.0


def learning_text(text: str) -> str:
    """What the classifier sees: folded and without digits, which are personal data as a rule."""
    return "".join("0" if char.isdigit() else char for char in fold(text)[:_LONGEST_TEXT])


def promotes(candidate: Trial, in_use: Trial | None) -> bool:
    """Whether the candidate takes over: strictly better on enough held-out corrections."""
    if candidate.of < FEWEST_HELD_OUT:
        return False
    return candidate.share > (in_use.share if in_use else 0.0)


def split(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """For training, and held out; the newest correction of a paper stands for it."""
    newest = {example.paper_id: example for example in examples}.values()
    return [one for one in newest if not one.held_out], [one for one in newest if one.held_out]
