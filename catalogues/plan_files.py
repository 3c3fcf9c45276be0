"""Plans as files: `catalogues/plans/*.toml`, and a province's own `plans/` folder.

A file holds statements with their rows (docs/plans.md); here they become targets, one per
level or area and year, and every word is checked against the terms that the software knows.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from domain.errors import ConfigurationFault
from domain.plan import Plan
from domain.plan_terms import CONDITIONS, COUNTED, DENOMINATORS, INDICATORS

_TOP = {"statement", "contradiction", "reporting", "report"}
_TERMS = {"indicator": INDICATORS, "counted": COUNTED, "denominator": DENOMINATORS}


def load_plan(plan_id: str, override: Path | None = None) -> Plan:
    """The plan of this id, the province's own before ours.

    Raises ConfigurationFault naming the file when there is none or when it is wrong.
    """
    name = f"{plan_id}.toml"
    own = override / "plans" / name if override else None
    source = own if own is not None and own.is_file() else files("catalogues") / "plans" / name
    if not source.is_file():
        raise ConfigurationFault(
            f"Không có kế hoạch «{plan_id}». Đặt SOHOA_PLAN thành một trong: "
            + ", ".join(plan_ids(override))
        )
    return read_plan(source, plan_id)


def read_plan(source: Path | Traversable, plan_id: str) -> Plan:
    """The plan in a file. Raises ConfigurationFault with file, place and reason."""
    try:
        return _plan(tomllib.loads(source.read_text(encoding="utf-8")), plan_id)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationFault(f"Tệp kế hoạch {source} sai: {error}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise ConfigurationFault(f"Tệp kế hoạch {source}, mục {place}: {fault['msg']}") from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ConfigurationFault(f"Tệp kế hoạch {source}: {error}") from error


def plan_ids(override: Path | None = None) -> list[str]:
    """The ids of all plans that can be loaded."""
    places: list[Path | Traversable] = [files("catalogues") / "plans"]
    if override is not None and (override / "plans").is_dir():
        places.append(override / "plans")
    return sorted(
        {
            entry.name.removesuffix(".toml")
            for place in places
            for entry in place.iterdir()
            if entry.name.endswith(".toml")
        }
    )


def _plan(content: dict[str, Any], plan_id: str) -> Plan:
    document = content.get("document", "")
    head = {key: value for key, value in content.items() if key not in _TOP}
    targets = [
        target
        for number, statement in enumerate(content.get("statement", []), start=1)
        for target in _targets(statement, document, number)
    ]
    return Plan.model_validate(
        {
            **head,
            "id": plan_id,
            "targets": targets,
            "contradictions": [_placed(row, document) for row in content.get("contradiction", [])],
            "reporting": {
                **_placed(content.get("reporting", {}), document),
                "reports": [_placed(row, document) for row in content.get("report", [])],
            },
        }
    )


def _targets(statement: dict[str, Any], document: str, number: int) -> list[dict[str, Any]]:
    _check_terms(statement, number)
    shared = _placed(statement, document)
    rows = shared.pop("rows", [])
    if not rows:
        raise ValueError(f"[[statement]] thứ {number}: không có «rows»")
    shared["exemptions"] = [_placed(entry, document) for entry in shared.get("exemptions", [])]
    if shared.get("rule", "absolute") != "absolute":
        shared["computed"] = True
    return [_target(shared, row, document) for row in rows]


def _target(shared: dict[str, Any], row: dict[str, Any], document: str) -> dict[str, Any]:
    own = _placed(row, document)
    notes = " ".join(part for part in (row.get("note", ""), shared.get("note", "")) if part)
    heading = (
        {"heading": shared["phrase"], "heading_source": shared["source"]} if "phrase" in row else {}
    )
    return {**shared, **heading, **own, "note": notes}


def _placed(entry: dict[str, Any], document: str) -> dict[str, Any]:
    """The entry with its line turned into a source: file and line."""
    placed = {key: value for key, value in entry.items() if key != "line"}
    if "line" in entry:
        placed["source"] = f"{document}:{entry['line']}"
    return placed


def _check_terms(statement: dict[str, Any], number: int) -> None:
    for key, known in _TERMS.items():
        if key in statement and statement[key] not in known:
            raise ValueError(
                f"[[statement]] thứ {number}: «{key} = {statement[key]}» không thuộc "
                + ", ".join(known)
            )
    for condition in statement.get("conditions", ()):
        if condition not in CONDITIONS:
            raise ValueError(
                f"[[statement]] thứ {number}: điều kiện «{condition}» không thuộc "
                + ", ".join(CONDITIONS)
            )
