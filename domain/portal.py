"""What the national portal (Cổng DVCQG) is told of a paper, and what its answers mean.

There is no official specification here: the field names were observed in other systems' messages.
So the message is a template in configuration, and `official` says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FACTS: dict[str, str] = {
    "message_id": "định danh của thông điệp, không đổi khi gửi lại",
    "dossier": "mã hồ sơ",
    "code": "mã kết quả số hóa",
    "result_code": "mã kết quả của hồ sơ (‹mã hồ sơ›-KQn)",
    "type_code": "mã loại giấy tờ kết quả (KQ.Gxx.nnnnnn)",
    "title": "tên giấy tờ",
    "number": "số, ký hiệu",
    "issuer": "cơ quan cấp",
    "issue_date": "ngày cấp",
    "valid_until": "thời hạn hiệu lực",
    "scope": "phạm vi hiệu lực",
    "subject": "trích yếu",
    "owner_id": "số định danh của chủ",
    "unit": "đơn vị số hóa",
    "link": "đường dẫn tệp",
    "sha256": "hàm băm SHA-256 của tệp, hex",
    "archived_at": "thời điểm lưu trữ",
    "paper_id": "định danh của giấy tờ trong kho",
}
"""What a template may name, as `{name}`."""
_NAME = re.compile(r"\{([a-z0-9_]*)\}")

Outcome = Literal["taken", "again", "refused", "closed"]
"""The portal has it; it may take it later; it never takes this message; it takes nothing from us
until an administrator acts."""

_OK = range(200, 300)
_CONFLICT = 409
_TOO_MANY = 429
_LATER = frozenset({408, 425, _TOO_MANY, 500, 502, 503, 504})
_OURS = frozenset({401, 403, 404, 405, 407})
"""Key, address or right are wrong: every message would fail alike."""


class PortalMapping(BaseModel):
    """How a message is written and where the receipt stands in the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1, max_length=80)
    official: bool = False
    """Whether it follows an official specification."""
    source: str
    message: dict[str, Any]
    receipt: str = "MaTiepNhan"
    """The field of the answer whose presence proves that the portal has taken the message."""

    @model_validator(mode="after")
    def _known_names(self) -> PortalMapping:
        strange = sorted(names_in(self.message) - FACTS.keys())
        if strange:
            raise ValueError(f"không có dữ kiện «{strange[0]}»; dùng được: {', '.join(FACTS)}")
        return self


def names_in(template: Any) -> set[str]:
    """All names that a template asks for."""
    if isinstance(template, str):
        return set(_NAME.findall(template))
    parts: Any = template.values() if isinstance(template, Mapping) else template
    if isinstance(parts, (list, tuple)) or isinstance(template, Mapping):
        return {name for part in parts for name in names_in(part)}
    return set()


def filled(template: Any, facts: Mapping[str, Any]) -> Any:
    """The template with facts in the places of their names.

    A text that is one name alone becomes the fact itself (None where it is not known); inside
    other text an unknown fact is empty.
    """
    if isinstance(template, Mapping):
        return {key: filled(part, facts) for key, part in template.items()}
    if isinstance(template, (list, tuple)):
        return [filled(part, facts) for part in template]
    if not isinstance(template, str):
        return template
    whole = _NAME.fullmatch(template)
    if whole:
        return facts.get(whole[1])
    return _NAME.sub(lambda found: str(facts.get(found[1]) or ""), template)


def meaning(status: int, *, receipt: bool) -> Outcome:
    """What an answer's HTTP status means; `receipt`: the body proves that the message was taken.

    A redirect is not followed: it would carry the key elsewhere. 200 without a receipt proves
    nothing, so the message is sent again under the same name.
    """
    if status in _OK:
        return "taken" if receipt else "again"
    if status == _CONFLICT:  # it has a message of this name already
        return "taken"
    if status in _LATER or status in range(520, 530):
        return "again"
    return "closed" if status in _OURS or status in range(300, 400) else "refused"


def delay_seconds(attempt: int, spread: float, *, first: float, longest: float) -> float:
    """The wait after an attempt (from 1): doubled each time, ± a quarter (`spread` in [0, 1))."""
    grown = min(longest, first * 2.0 ** min(attempt - 1, 30))
    return grown * (0.75 + 0.5 * spread)
