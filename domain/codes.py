"""Codes of digitized papers (mã kết quả số hóa, TT 01/2023/TT-VPCP Đ10).

The regulation's formula was not found verbatim, so the template is configuration. A code is
made of segments joined by dots. Numbers and national type codes contain dots themselves, so
every segment is escaped: dots, `~`, white space and control characters become `~` and their
UTF-8 bytes in hexadecimal; all else stays readable. A code therefore parses back without
knowing any catalogue.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from domain.errors import ConfigurationFault, DocumentFault
from domain.identifiers import identifier_kind
from domain.masking import mask

DEFAULT_TEMPLATE = "{owner_id}.{type_code}.{number_symbol}.{serial:02}"
LOCAL_MARK = "L-"
"""Stands before the catalogue id of a type that has no national code."""

_SEGMENTS = ("owner_id", "type_code", "number_symbol", "serial")
_ESCAPED = re.compile(r"(?:~[0-9A-F]{2})+")


class PaperCode(BaseModel):
    """The parts of a code; `owner_id` is empty when the paper has no owner id (Đ10.2)."""

    model_config = ConfigDict(frozen=True)

    owner_id: str
    type_code: str
    number_symbol: str
    serial: int


def _is_plain(char: str) -> bool:
    return char not in ".~" and char.isprintable() and not char.isspace()


def escape(segment: str) -> str:
    """The segment with every character that could be taken for a separator written as ~XX."""
    return "".join(
        char if _is_plain(char) else "".join(f"~{byte:02X}" for byte in char.encode())
        for char in segment
    )


def unescape(segment: str) -> str:
    """The inverse of `escape`."""
    return _ESCAPED.sub(
        lambda run: bytes.fromhex(run.group().replace("~", "")).decode("utf-8"), segment
    )


def type_segment(national_code: str, catalogue_id: str) -> str:
    """The type's segment: the national code, or the catalogue id marked as local."""
    return national_code or LOCAL_MARK + catalogue_id


class CodeTemplate(BaseModel):
    """How codes are written: all four segments once, in any order, the serial number last."""

    model_config = ConfigDict(frozen=True)

    text: str = DEFAULT_TEMPLATE

    def model_post_init(self, _context: object) -> None:
        """Refuse a template whose codes could not be told apart or parsed back."""
        names = [name for _, name, _, _ in string.Formatter().parse(self.text) if name is not None]
        literals = [text for text, _, _, _ in string.Formatter().parse(self.text)]
        if sorted(names) != sorted(_SEGMENTS) or names[-1] != "serial":
            raise ConfigurationFault(
                f"Mẫu mã giấy tờ «{self.text}» phải có đủ bốn phần "
                "{owner_id} {type_code} {number_symbol} {serial}, số thứ tự đứng cuối: "
                "sửa SOHOA_CODE_TEMPLATE."
            )
        spec = next(s for _, name, s, _ in string.Formatter().parse(self.text) if name == "serial")
        if not re.fullmatch(r"0?\d*d?", spec or ""):
            raise ConfigurationFault(
                f"Mẫu mã giấy tờ «{self.text}»: số thứ tự phải là số nguyên, ví dụ {{serial:02}}."
            )
        if any(text != "." for text in literals[1:]) or literals[0] != "":
            raise ConfigurationFault(
                f"Mẫu mã giấy tờ «{self.text}»: các phần phải nối nhau bằng đúng một dấu chấm."
            )

    @property
    def _order(self) -> list[str]:
        return [name for _, name, _, _ in string.Formatter().parse(self.text) if name is not None]

    def prefix(self, owner_id: str | None, type_code: str, number_symbol: str | None) -> str:
        """Everything before the serial number, without the last dot: the counter's key."""
        parts: Mapping[str, str] = {
            "owner_id": escape(owner_id or ""),
            "type_code": escape(type_code),
            "number_symbol": escape(number_symbol or ""),
        }
        return ".".join(parts[name] for name in self._order[:-1])

    def code(self, prefix: str, serial: int) -> str:
        """The whole code for a prefix and its serial number (from 1)."""
        spec = next(
            spec for _, name, spec, _ in string.Formatter().parse(self.text) if name == "serial"
        )
        return f"{prefix}.{format(serial, spec or '')}"

    def parse(self, code: str) -> PaperCode:
        """The parts of a code, or DocumentFault when the text is no code of this template."""
        segments = code.split(".")
        if len(segments) != len(_SEGMENTS) or not segments[-1].isdigit():
            raise DocumentFault("not_a_code", f"«{code}» không phải là mã giấy tờ.")
        values = dict(zip(self._order, segments, strict=True))
        try:
            return PaperCode(
                owner_id=unescape(values["owner_id"]),
                type_code=unescape(values["type_code"]),
                number_symbol=unescape(values["number_symbol"]),
                serial=int(values["serial"]),
            )
        except UnicodeDecodeError as error:
            raise DocumentFault("not_a_code", f"«{code}» không phải là mã giấy tờ.") from error

    def masked(self, code: str) -> str:
        """The code with its owner's segment masked, fit for tables and logs."""
        parts = code.split(".")
        if len(parts) == len(_SEGMENTS):
            place = self._order.index("owner_id")
            parts[place] = mask(parts[place])
        # A code made under another template has its owner elsewhere.
        return ".".join(mask(part) if identifier_kind(part) else part for part in parts)


def result_code(dossier: str, ordinal: int) -> str:
    """The code of the n-th result of a dossier: `‹mã hồ sơ›-KQ(n)` (NĐ 45/2020/NĐ-CP Đ14.3)."""
    return f"{dossier}-KQ({ordinal})"


_RESULT_CODE = re.compile(r"^(?P<dossier>.+)-KQ\((?P<ordinal>[1-9]\d*)\)$")


def parse_result_code(code: str) -> tuple[str, int]:
    """Dossier code and ordinal of a result code, or DocumentFault when it is none."""
    match = _RESULT_CODE.match(code)
    if match is None:
        raise DocumentFault("not_a_code", f"«{code}» không phải là mã kết quả của hồ sơ.")
    return match["dossier"], int(match["ordinal"])
