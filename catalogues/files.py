"""The catalogue's TOML files: ours and a province's, their entries with the lines they stand on.

One kind of entry may be spread over `‹kind›.toml` and any `‹kind›/*.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from catalogues.faults import Fault
from domain.errors import ConfigurationFault

PLANS = "plans"
"""The folder of plans, read by `catalogues.plan_files`."""
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_SUB_TABLE = re.compile(r"\s*\[\[?[\w-]+\.([\w-]+)\]\]?")
_ITEM = re.compile(r"\s*[{\"']")
_AT = re.compile(r" ?\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")


@dataclass(frozen=True)
class Row:
    """One entry as written, with the place of its first line and of each of its keys."""

    values: Mapping[str, Any]
    file: str
    line: int
    key_lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its id, or a question mark."""
        return str(self.values.get("id", "?"))

    def line_of(self, place: str) -> int:
        """The line of a key (`fields.2.kind` stands where the third field does)."""
        parts = place.split(".")
        item = self.key_lines.get(".".join(parts[:2]))
        return item or self.key_lines.get(parts[0], self.line)

    def fault(self, message: str, place: str = "") -> Fault:
        """A mistake of this entry, at one of its keys."""
        said = f"{place}: {message}" if place else message
        return Fault(self.file, self.line_of(place), self.id, said)


@dataclass(frozen=True)
class File:
    """One parsed file: its entries by table name, and its lists of words."""

    label: str
    rows: Mapping[str, Sequence[Row]]
    words: Mapping[str, Sequence[Any]]


def files_of(kind: str, override: Path | None) -> Iterator[tuple[str, Traversable]]:
    """The files of one kind with the names that messages give them, ours before the province's."""
    ours = resources.files(__package__)
    yield from ((label, place) for label, place in _in(ours, kind))
    if override is not None:
        yield from ((str(override / label), place) for label, place in _in(override, kind))


def _in(folder: Traversable, kind: str) -> Iterator[tuple[str, Traversable]]:
    single = folder / f"{kind}.toml"
    if single.is_file():
        yield single.name, single
    if (folder / kind).is_dir():
        for place in sorted((folder / kind).iterdir(), key=lambda entry: entry.name):
            if place.name.endswith(".toml"):
                yield f"{kind}/{place.name}", place


def stray_files(override: Path, kinds: Sequence[str]) -> list[Fault]:
    """A fault for each TOML file of the folder that no kind of entry reads: a misspelt name."""
    known = ", ".join(f"{kind}.toml" for kind in kinds)
    return [
        Fault(str(place), 0, "", f"tên tệp không đúng; các tệp danh mục: {known}")
        for place in sorted(override.rglob("*.toml"))
        if not _is_known(place.relative_to(override), kinds)
    ]


def _is_known(place: Path, kinds: Sequence[str]) -> bool:
    folders = place.parts[:-1]
    return place.stem in kinds if not folders else folders in {(k,) for k in (*kinds, PLANS)}


def read(label: str, place: Traversable) -> File:
    """The entries of one file; ConfigurationFault naming file and line when it cannot be read."""
    try:
        text = place.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationFault(str(_syntax(label, str(error)))) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFault(f"{label}: không đọc được tệp danh mục: {error}") from error
    lines = text.splitlines()
    rows = {
        key: _rows(label, key, value, lines)
        for key, value in table.items()
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value)
    }
    words = {key: value for key, value in table.items() if key not in rows}
    return File(label, rows, words)


def _syntax(label: str, message: str) -> Fault:
    at = _AT.search(message)
    line = int(at["line"]) if at and at["line"] else 0
    return Fault(label, line, "", f"không đọc được, sai cú pháp TOML: {_AT.sub('', message)}")


def _rows(label: str, key: str, values: list[dict[str, Any]], lines: list[str]) -> list[Row]:
    header = re.compile(rf"\s*\[\[\s*{re.escape(key)}\s*\]\]")
    starts = [at for at, line in enumerate(lines, start=1) if header.match(line)]
    if len(starts) != len(values):  # written as an inline list: only its key has a line
        only = next((at for at, line in enumerate(lines, 1) if line.startswith(key)), 0)
        return [Row(value, label, only) for value in values]
    ends = [*starts[1:], len(lines) + 1]
    return [
        Row(value, label, start, _key_lines(lines, start, end))
        for value, start, end in zip(values, starts, ends, strict=True)
    ]


def _key_lines(lines: list[str], start: int, end: int) -> dict[str, int]:
    """Where each key of an entry stands, and each item of a list written one to a line.

    Items are named `fields.0`; a sub-table such as [[procedure.component]] is an item too.
    """
    found: dict[str, int] = {}
    items: Counter[str] = Counter()
    last = ""
    for at in range(start + 1, end):
        line = lines[at - 1]
        key, table = _KEY.match(line), _SUB_TABLE.match(line)
        if key:
            last = key[1]
            found.setdefault(last, at)
        elif table:
            last = table[1]
            found.setdefault(last, at)
        if table or (_ITEM.match(line) and last):
            found[f"{last}.{items[last]}"] = at
            items[last] += 1
    return found
