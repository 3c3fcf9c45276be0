"""Every phrase of the five plans stands at the place that it names, word for word."""

import re
import unicodedata
from pathlib import Path

import pytest

from catalogues.plan_files import load_plan
from tasks.plans import quotations

TEXTS = Path(__file__).resolve().parents[3] / "shared" / "plans"
PLANS = {"plan-5755": 5, "gia-lai": 5, "ninh-thuan-2024": 1, "hung-yen": 5, "ninh-binh": 5}
LONGEST_LINES = 60


def _words(text):
    return unicodedata.normalize("NFC", " ".join(text.split()))


@pytest.mark.parametrize("plan_id", PLANS)
def test_every_phrase_begins_at_its_line_of_the_text(plan_id):
    if not TEXTS.is_dir():
        pytest.skip("../shared/plans is not here")
    plan = load_plan(plan_id)
    lines = (TEXTS / plan.document).read_text(encoding="utf-8").split("\n")
    missing = []
    for phrase, source in quotations(plan):
        file, _, number = source.rpartition(":")
        assert file == plan.document
        first = int(number) - 1
        text = _words("\n".join(lines[first : first + LONGEST_LINES]))
        at = text.find(_words(phrase))
        if not 0 <= at < max(1, len(_words(lines[first]))):
            missing.append((source, phrase[:60]))
    assert not missing


@pytest.mark.parametrize("plan_id", PLANS)
def test_every_target_names_its_phrase_and_its_source(plan_id):
    for target in load_plan(plan_id).targets:
        assert target.phrase
        assert re.fullmatch(r"\d{3}_[a-z0-9-]+\.txt:\d+", target.source)
