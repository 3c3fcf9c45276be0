"""What a person types to put a paper right: one box a field, in a review form and in `correct`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from domain.describe import LONGEST_VALUE, OWN_KEY, TYPE_KEY
from domain.document_types import DocumentType, FieldName
from domain.errors import Undecided
from domain.record import FIELD_LABELS, FIELD_NAMES
from domain.review import NOT_ON_PAPER
from domain.vietnamese import fold

ENTERED: tuple[FieldName, ...] = tuple(name for name in FIELD_NAMES if name != "type_code")
"""The code follows from the type."""
EMPTY_KEEPS = f"Để trống: giữ như đã đọc. «{NOT_ON_PAPER}»: giấy tờ không có."
_A_DAY = "Dạng 2026-02-09. "
HINTS = {"issue_date": _A_DAY, "valid_until": _A_DAY, "date": _A_DAY, "sex": "Nam hoặc Nữ. "}
"""By field, or by the kind of an own field."""
LONGEST_LINES = 4000
"""Characters of a box that takes a field a line."""


def text_box(title: str, hint: str, longest: int = LONGEST_VALUE, **more: Any) -> Any:
    """A box for text: its title, what to fill in, the most characters."""
    return Field(title=title, description=hint, max_length=longest, **more)


def label_of(name: FieldName) -> str:
    """The field's label as a title."""
    return FIELD_LABELS[name][0].upper() + FIELD_LABELS[name][1:]


def _box(name: FieldName) -> Any:
    return text_box(label_of(name), HINTS.get(name, "") + EMPTY_KEEPS)


class Corrections(BaseModel):
    """The boxes of `correct`; an empty one leaves the field as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    type: Annotated[
        str,
        text_box(
            "Loại giấy tờ", "Mã loại (sohoa catalogue list types); để trống: giữ nguyên.", 120
        ),
    ] = ""
    owner_id: Annotated[str, _box("owner_id")] = ""
    title: Annotated[str, _box("title")] = ""
    number: Annotated[str, _box("number")] = ""
    issue_date: Annotated[str, _box("issue_date")] = ""
    issuer: Annotated[str, _box("issuer")] = ""
    subject: Annotated[str, _box("subject")] = ""
    valid_until: Annotated[str, _box("valid_until")] = ""
    scope: Annotated[str, _box("scope")] = ""
    own: Annotated[
        str,
        text_box(
            "Trường riêng của loại",
            f"Mỗi dòng một trường, «nhãn: giá trị» (nhãn như trên mẫu); «{NOT_ON_PAPER}»: giấy tờ "
            "không có.",
            LONGEST_LINES,
        ),
    ] = ""

    def values(self, entry: DocumentType | None) -> dict[str, str | None]:
        """Field → value for what was typed; `entry`: the type that the paper has after it.

        Undecided where a line does not name an own field of that type.
        """
        given: dict[str, str] = {name: getattr(self, name) for name in ENTERED}
        typed = {TYPE_KEY: self.type.strip()} if self.type.strip() else {}
        return {**typed, **entered({**given, **own_lines(self.own, entry)})}


def entered(values: Mapping[str, str]) -> dict[str, str | None]:
    """What was typed into the boxes; None where a person says that the paper does not have it."""
    typed = {name: text.strip() for name, text in values.items()}
    return {name: None if text == NOT_ON_PAPER else text for name, text in typed.items() if text}


def own_lines(text: str, entry: DocumentType | None) -> dict[str, str]:
    """The own fields of a type, one a line by any of their labels; Undecided for another line."""
    known = {
        fold(label): field.id
        for field in (entry.fields if entry else ())
        for label in (*field.all_labels, field.id)
    }
    return dict(_own_lines(text, known))


def _own_lines(text: str, known: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        label, colon, value = line.partition(":")
        name = known.get(fold(label).strip())
        if name is None or not colon:
            raise Undecided(
                f"trường riêng, dòng {number}: phải là «nhãn: giá trị», nhãn như trên mẫu của loại "
                "giấy tờ"
            )
        yield OWN_KEY + name, value
