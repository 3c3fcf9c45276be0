"""How rightly pages are read: `make bench-accuracy`; prints Markdown tables.

Characters are compared line by line (each printed line with the line read that is most like it,
so the order of reading is not scored) and, as "plain", over the whole text in order. Drawn pages
have seeds of their own, which no threshold was set by. Real scans are only reported.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.likeness import Count, compared, spelled_alike
from benchmarks.mixed_set import REAL_SCANS
from deployments.samples.degradation import Degradation
from deployments.samples.papers import ADMINISTRATIVE_KINDS, KINDS, Wish, draw_paper
from domain.words import PageText
from reading.limits import Limits
from reading.opened import OpenedPage
from reading.opening import open_scan
from reading.recognise import recognise_page
from reading.settings import ReadingSettings

TRUTH_PAGES = REAL_SCANS.parent / "truth-pages"
_FIRST_SEED = 770_000
_HEADER = 0.42
"""Header words are looked for in this part of the first page."""
_DIVIDE = 0.42
"""The number stands left of this part of the page width, the date right of it."""


class Set(NamedTuple):
    """One kind of drawn pages and the aim for its character errors, in percent."""

    name: str
    dpi: int
    wear: Degradation | None
    aim: float
    by_hand: bool = False


SETS = (
    Set("sạch, 300 dpi", 300, None, 0.3),
    Set("máy quét thường, 200 dpi", 200, Degradation(), 1.0),
    Set("nghiêng 1,8°", 300, Degradation(skew=1.8), 1.0),
    Set("nhiễu", 300, Degradation(noise=16, jpeg_quality=60), 1.0),
    Set("lộn ngược", 300, Degradation(rotation=180), 1.0),
    Set("bóng như ảnh chụp", 300, Degradation(shade=0.45, blur=0.9, jpeg_quality=65), 1.0),
    Set("số, ngày viết tay", 300, Degradation(), 1.0, by_hand=True),
    Set("số, ngày viết tay, 200 dpi", 200, Degradation(noise=6.0, skew=-0.8), 1.0, by_hand=True),
)


class PageResult(NamedTuple):
    """What came of one drawn page."""

    set_name: str
    errors: Count
    as_read: Count
    """The same without respelling (`reading/respell.py`)."""
    wrongly_turned: bool
    number_marked: bool
    date_marked: bool
    seconds: float


def main() -> int:
    """Measure and print; the exit code is 0 whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ít trang, khoảng một phút")
    per_set = 4 if parser.parse_args().quick else 26
    jobs = [(place, number) for place in range(len(SETS)) for number in range(per_set)]
    workers = len(os.sched_getaffinity(0))
    os.environ["OMP_THREAD_LIMIT"] = "1"
    with ProcessPoolExecutor(workers, get_context("forkserver")) as pool:
        drawn = list(pool.map(_read_drawn, jobs))
        truth = list(pool.map(_read_truth, sorted(TRUTH_PAGES.glob("*.gt.txt"))))
        real = list(pool.map(_read_real, _real_fields()))
    print(f"Đo {datetime.now().astimezone():%d/%m/%Y %H:%M}, {len(drawn)} trang vẽ, ", end="")
    print(f"{len(truth)} trang có chữ chuẩn, {len(real)} bản quét thật.\n")
    print("\n".join([*_characters(drawn, truth), "", *_turned(drawn), "", *_pen(drawn, real), ""]))
    print("\n".join(_headers(real)))
    return 0


def _read_drawn(job: tuple[int, int]) -> PageResult:
    """Draw and read one page, and compare."""
    place, number = job
    wanted = SETS[place]
    kinds = ADMINISTRATIVE_KINDS if wanted.by_hand else KINDS
    seed = _FIRST_SEED + 1000 * place + number
    paper = draw_paper(
        kinds[number % len(kinds)],
        seed=seed,
        dpi=wanted.dpi,
        degrade=_worn(wanted.wear, seed),
        handwritten=wanted.by_hand,
        wish=Wish(pages=1),
    )
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        image = Path(folder) / "page.png"
        paper.pages[0].save(image, dpi=(wanted.dpi, wanted.dpi), compress_level=1)
        opened = open_scan(image, Path(folder), Limits()).pages[0]
        began = time.perf_counter()
        text = recognise_page(image.parent / opened.image, opened, ReadingSettings())
    number_marked, date_marked = _marks(text)
    return PageResult(
        set_name=wanted.name,
        errors=compared(paper.truth.pages[0].text, text),
        as_read=compared(paper.truth.pages[0].text, _as_read(text)),
        wrongly_turned=text.rotation != paper.truth.pages[0].rotation,
        number_marked=number_marked,
        date_marked=date_marked,
        seconds=time.perf_counter() - began,
    )


def _as_read(text: PageText) -> PageText:
    """The page with every word as the engine gave it."""
    words = [word.model_copy(update={"text": word.read_as or word.text}) for word in text.words]
    return text.model_copy(update={"words": tuple(words)})


def _worn(wear: Degradation | None, seed: int) -> Degradation | None:
    """The wear with colour and the direction of the skew by chance."""
    if wear is None:
        return None
    rng = Random(seed)
    return wear.model_copy(
        update={"colour": rng.choice(("rgb", "grey")), "skew": wear.skew * rng.choice((1, -1))}
    )


def _marks(text: PageText) -> tuple[bool, bool]:
    """Whether something is marked as handwritten in the number's and in the date's place."""
    marked = [word for word in text.words if word.handwritten]
    left = any(word.box.x < _DIVIDE * text.width for word in marked)
    return left, any(word.box.x >= _DIVIDE * text.width for word in marked)


class TruthResult(NamedTuple):
    """What came of a real page with its full text known."""

    name: str
    errors: Count
    as_read: Count


def _read_truth(truth: Path) -> TruthResult:
    image = truth.with_name(truth.name.replace(".gt.txt", ".png"))
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        text = _first_page(image, Path(folder))
    printed = truth.read_text("utf-8")
    return TruthResult(image.stem, compared(printed, text), compared(printed, _as_read(text)))


def _first_page(file: Path, folder: Path) -> PageText:
    scan = open_scan(file, folder, Limits())
    page: OpenedPage = scan.pages[0]
    return recognise_page(folder / page.image, page, ReadingSettings())


def _real_fields() -> list[dict[str, str]]:
    listing = REAL_SCANS / "fields.json"
    if not listing.is_file():
        return []
    entries: list[dict[str, str]] = json.loads(listing.read_text("utf-8"))
    return entries


class RealResult(NamedTuple):
    """What was read of a real scan's header."""

    file: str
    by_hand: bool
    marks: tuple[bool, bool]
    wanted: list[str]
    missed: list[str]


def _read_real(fields: dict[str, str]) -> RealResult:
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        text = _first_page(REAL_SCANS / fields["file"], Path(folder))
    upper = [word.text for word in text.words if word.box.y < _HEADER * text.height]
    read = {spelled_alike(part) for word in upper for part in _parts(word)}
    kind = "" if fields["type"] == "Công văn" else fields["type"]
    wanted = [
        fields["number"].split("/")[1],
        *fields["issuer"].split(),
        *kind.split(),
    ]
    missed = [word for word in wanted if spelled_alike(word) not in read]
    return RealResult(fields["file"], bool(fields["hand"]), _marks(text), wanted, missed)


def _parts(word: str) -> list[str]:
    """The word, and what stands after its slash."""
    return [word.strip(".,;:()"), word.rpartition("/")[2].strip(".,;:()")]


def _characters(drawn: Sequence[PageResult], truth: Sequence[TruthResult]) -> list[str]:
    rows = [
        (
            "| trang | số trang | CER % | trước khi phục hồi dấu % | không dấu % | liền mạch % "
            "| từ thấy % | từ đúng % | đích |"
        ),
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for wanted in SETS:
        of_set = [result for result in drawn if result.set_name == wanted.name]
        rows.append(_row(wanted.name, of_set, f"≤ {wanted.aim}"))
    worn = [result for result in drawn if result.set_name not in _APART]
    rows.append(_row("**mọi trang vẽ có hư hao, không viết tay**", worn, "≤ 1.0"))
    rows.extend(_row(f"chuẩn: {page.name}", [page], "≤ 0.8") for page in truth)
    return rows


_APART = frozenset(wanted.name for wanted in SETS if wanted.wear is None or wanted.by_hand)


def _row(name: str, pages: Sequence[PageResult] | Sequence[TruthResult], aim: str) -> str:
    total = sum((page.errors for page in pages), Count())
    before = sum((page.as_read for page in pages), Count())
    figures = (
        total.cer, before.cer, total.cer_folded, total.cer_plain, total.recall, total.precision,
    )  # fmt: skip
    return f"| {name} | {len(pages)} | {' | '.join(f'{x:.2f}' for x in figures)} | {aim} |"


def _turned(drawn: Sequence[PageResult]) -> list[str]:
    wrong_way = {s.name for s in SETS if s.wear and s.wear.rotation}
    upright = [r.wrongly_turned for r in drawn if r.set_name not in wrong_way]
    turned = [r.wrongly_turned for r in drawn if r.set_name in wrong_way]
    return [
        "| chiều trang | sai | trên |",
        "|---|--:|--:|",
        f"| trang đúng chiều bị xoay | {sum(upright)} | {len(upright)} |",
        f"| trang lộn ngược không được xoay | {sum(turned)} | {len(turned)} |",
    ]


def _pen(drawn: Sequence[PageResult], real: Sequence[RealResult]) -> list[str]:
    hand = {s.name for s in SETS if s.by_hand}
    by_hand = [r for r in drawn if r.set_name in hand]
    printed = [r for r in drawn if r.set_name not in hand]
    false = sum(r.number_marked or r.date_marked for r in printed)
    papers = [r for r in real if r.by_hand]
    others = [r for r in real if not r.by_hand]
    return [
        "| chữ số viết tay | đánh dấu | trên |",
        "|---|--:|--:|",
        f"| số (vẽ) | {sum(r.number_marked for r in by_hand)} | {len(by_hand)} |",
        f"| ngày (vẽ) | {sum(r.date_marked for r in by_hand)} | {len(by_hand)} |",
        f"| số (thật) | {sum(r.marks[0] for r in papers)} | {len(papers)} |",
        f"| ngày (thật) | {sum(r.marks[1] for r in papers)} | {len(papers)} |",
        f"| nhầm trên trang in (vẽ) | {false} | {len(printed)} |",
        f"| nhầm trên trang in (thật) | {sum(any(r.marks) for r in others)} | {len(others)} |",
    ]


def _headers(real: Sequence[RealResult]) -> list[str]:
    wanted = sum(len(result.wanted) for result in real)
    missed = sum(len(result.missed) for result in real)
    rows = ["| tiêu đề bản quét thật | từ | không thấy |", "|---|--:|---|"]
    rows += [f"| {r.file} | {len(r.wanted)} | {' '.join(r.missed)} |" for r in real]
    found = 100 * (wanted - missed) / max(wanted, 1)
    return [*rows, f"| **cộng: {found:.1f} % tìm thấy (đích ≥ 97 %)** | {wanted} | {missed} |"]


if __name__ == "__main__":
    raise SystemExit(main())
