"""Make `reading/word_pairs.txt`, what respelling knows of Vietnamese, from its two sources.

`python -m benchmarks.word_pairs PLANS WORDS`: a folder with texts of administrative documents
(the five provincial plans; such texts are outside copyright, Luật SHTT Đ15) and pyvi's list of
compound words (`pyvi/models/words.txt` of the package on PyPI, MIT licence).
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from domain.vietnamese import nfc

TARGET = Path(__file__).parent.parent / "reading" / "word_pairs.txt"
_LEAST = 2
"""A pair that stands in the texts once may be a slip of the typist."""
_HEADER = """\
# Words that follow each other in Vietnamese, for reading/respell.py; made by benchmarks/word_pairs.
# "word count": how often a word stands in five provincial plans. "word word count": how often the
# pair does; count 0: a compound word of pyvi 0.1.1's list (MIT licence, Trần Việt Trung).
"""


def main() -> int:
    """Write the file anew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.word_pairs", description=__doc__)
    parser.add_argument("plans", type=Path)
    parser.add_argument("words", type=Path)
    asked = parser.parse_args()
    words, pairs = counted(file.read_text("utf-8") for file in sorted(asked.plans.glob("*.txt")))
    for compound in asked.words.read_text("utf-8").splitlines():
        for pair in pairwise(nfc(compound).lower().replace("_", " ").split()):
            if all(part.isalpha() for part in pair):
                pairs[pair] += 0
    lines = [f"{word} {count}" for word, count in sorted(words.items())]
    lines += [f"{first} {second} {count}" for (first, second), count in sorted(pairs.items())]
    TARGET.write_text(_HEADER + "\n".join(lines) + "\n", "utf-8")
    return 0


def counted(texts: Iterator[str]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """How often each word of letters, and each pair of them that nothing parts, stands there."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for text in texts:
        for stretch in re.split(r"[^\w\s]+", nfc(text).lower()):
            found = stretch.split()
            words.update(word for word in found if word.isalpha())
            pairs.update(pair for pair in pairwise(found) if all(part.isalpha() for part in pair))
    return words, Counter({pair: count for pair, count in pairs.items() if count >= _LEAST})


if __name__ == "__main__":
    raise SystemExit(main())
