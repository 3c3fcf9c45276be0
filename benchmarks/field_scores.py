"""Comparing what was recognised with the truth, and the tables that say how well it went."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from benchmarks.field_set import ReadPaper, RealPaper
from domain.catalogue import Catalogue
from domain.document_types import DocumentType
from domain.record import FIELD_LABELS, Description, FieldValue
from domain.vietnamese import nfc

_COMPARED = ("number", "issue_date", "issuer", "subject", "owner_id", "valid_until", "scope")
_REAL = {"number": "number", "issue_date": "date", "issuer": "issuer"}


@dataclass(frozen=True)
class FieldScore:
    """One field of one paper."""

    name: str
    required: bool
    wanted: str | None
    read: str | None
    confidence: float
    doubted: bool

    @property
    def right(self) -> bool:
        """Whether what was read is what stands on the paper."""
        return _same(self.wanted) == _same(self.read)

    @property
    def silent(self) -> bool:
        """A wrong value that its own doubts do not question."""
        return self.read is not None and not self.right and not self.doubted


@dataclass(frozen=True)
class Scored:
    """One paper: its type, its fields, and whether a person was asked."""

    name: str
    level: str
    wanted_type: str | None
    read_type: str | None
    type_confidence: float
    review: tuple[str, ...]
    fields: tuple[FieldScore, ...] = field(default=())
    by_hand: bool = False
    """Whether number and day are written by hand: a person is asked rightly."""

    @property
    def automatic(self) -> bool:
        """Whether it goes on without a person."""
        return not self.review

    @property
    def silent(self) -> list[str]:
        """What is wrong on a paper that nobody looks at."""
        if not self.automatic:
            return []
        wrong = [one.name for one in self.fields if one.read is not None and not one.right]
        return ["type", *wrong] if self.wanted_type != self.read_type else wrong

    def as_json(self) -> dict[str, object]:
        """All of it."""
        return asdict(self)


def score(paper: ReadPaper, description: Description, catalogue: Catalogue) -> Scored:
    """A drawn paper against its truth."""
    truth, entry = paper.truth, catalogue.type(paper.truth.type_id)
    required = set(entry.required) if entry else set()
    wanted = truth.fields.model_dump(mode="json")
    fields = [
        _field(name, name in required, wanted[name], description.fields[name])  # type: ignore[index]
        for name in _COMPARED
        if wanted[name] is not None or not _by_rule(entry, description.fields[name])  # type: ignore[index]
    ]
    own = {one.id: one.required for one in entry.fields} if entry else {}
    fields += [
        _field(f"details.{name}", own.get(name, False), value, description.details[name])
        for name, value in truth.details.items()
        if name in description.details
    ]
    return Scored(
        name=f"{paper.job.kind}/{paper.job.seed}",
        level=paper.job.level,
        wanted_type=truth.type_id,
        read_type=description.type.id,
        type_confidence=description.type.confidence,
        review=description.review,
        fields=tuple(fields),
        by_hand=truth.handwritten,
    )


def _by_rule(entry: DocumentType | None, read: FieldValue) -> bool:
    """Whether a term was not read but follows from the type: nothing on the paper to compare."""
    return read.source == "derived" and entry is not None and entry.validity.kind == "months"


def score_real(scan: RealPaper, description: Description) -> Scored:
    """A real scan against what a person read; its type is compared by name."""
    fields = tuple(
        _field(name, True, scan.fields[key], description.fields[name])  # type: ignore[index]
        for name, key in _REAL.items()
    )
    return Scored(
        name=scan.fields["file"],
        level="bản quét thật",
        wanted_type=scan.fields["type"],
        read_type=description.type.name,
        type_confidence=description.type.confidence,
        review=description.review,
        fields=fields,
        by_hand=bool(scan.fields["hand"]),
    )


def _field(name: str, required: bool, wanted: str | None, read: FieldValue) -> FieldScore:
    return FieldScore(name, required, wanted, read.value, read.confidence, bool(read.doubts))


def _same(text: str | None) -> str | None:
    return " ".join(nfc(text).split()).strip(" .,;") if text else None


def confusion(papers: Sequence[Scored]) -> dict[str, dict[str, int]]:
    """True type → recognised type → papers."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for paper in papers:
        table[str(paper.wanted_type)][str(paper.read_type)] += 1
    return {kind: dict(counts) for kind, counts in table.items()}


def tables(drawn: Sequence[Scored], real: Sequence[Scored]) -> list[str]:
    """Markdown: per level, per field, by type, silent errors."""
    lines = [
        "| tập | giấy tờ | đúng loại | trường bắt buộc đúng | tự động | lỗi âm thầm / trường |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    printed = [paper for paper in drawn if not paper.by_hand]
    levels = list(dict.fromkeys(paper.level for paper in printed))
    lines += [_row(level, [one for one in printed if one.level == level]) for level in levels]
    lines += [
        _row("**mọi giấy tờ vẽ, in**", printed),
        _row("số và ngày viết tay (vẽ)", [paper for paper in drawn if paper.by_hand]),
        _row("**bản quét thật, in**", [paper for paper in real if not paper.by_hand]),
        _row("**bản quét thật, số viết tay**", [paper for paper in real if paper.by_hand]),
        "",
        "| trường (vẽ, in) | bắt buộc | đúng | bỏ sót | sai có hỏi | sai không nghi ngờ |",
        "|---|--:|--:|--:|--:|--:|",
        *_by_field(printed),
        "",
        "Lỗi âm thầm:",
        *(line for paper in (*drawn, *real) for line in _silent(paper)),
        "",
        "<details><summary>Nhầm lẫn theo loại (giấy tờ vẽ)</summary>",
        "",
        "| loại | giấy tờ | đúng | nhận là loại khác |",
        "|---|--:|--:|---|",
        *_by_type(drawn),
        "",
        "</details>",
    ]
    return lines


def _by_type(papers: Sequence[Scored]) -> list[str]:
    rows = []
    for kind, counts in confusion(papers).items():
        others = {read: count for read, count in counts.items() if read != kind}
        said = ", ".join(f"{read} {count}" for read, count in others.items())
        rows.append(f"| {kind} | {sum(counts.values())} | {counts.get(kind, 0)} | {said} |")
    return rows


def _row(name: str, papers: Sequence[Scored]) -> str:
    fields = [one for paper in papers for one in paper.fields]
    needed = [one for one in fields if one.required]
    silent = sum(len(paper.silent) for paper in papers)
    cells = (
        _share(sum(paper.wanted_type == paper.read_type for paper in papers), len(papers)),
        _share(sum(one.right for one in needed), len(needed)),
        _share(sum(paper.automatic for paper in papers), len(papers)),
        f"{silent} / {len(fields)} = {1000 * silent / max(1, len(fields)):.1f} ‰",
    )
    return f"| {name} | {len(papers)} | {' | '.join(cells)} |"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {100 * part / whole:.1f} %" if whole else "–"


def _by_field(papers: Sequence[Scored]) -> list[str]:
    groups: dict[str, list[FieldScore]] = defaultdict(list)
    for paper in papers:
        for one in paper.fields:
            groups["trường riêng" if one.name.startswith("details.") else one.name].append(one)
    lines = []
    for name, scores in groups.items():
        present = [one for one in scores if one.wanted is not None or one.read is not None]
        right = sum(one.right for one in present)
        missed = sum(one.read is None and not one.right for one in present)
        silent = sum(one.silent for one in present)
        asked = len(present) - right - missed - silent
        label = FIELD_LABELS.get(name, name)  # type: ignore[call-overload]
        needed = sum(one.required for one in present)
        share = _share(right, len(present))
        lines.append(f"| {label} | {needed} | {share} | {missed} | {asked} | {silent} |")
    return lines


def _silent(paper: Scored) -> list[str]:
    return [
        f"- {paper.name} ({paper.level}): {one.name}: «{one.wanted}» → «{one.read}»"
        for one in paper.fields
        if one.name in paper.silent
    ]
