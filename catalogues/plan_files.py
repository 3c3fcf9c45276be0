"""Plans as files: `catalogues/plans/*.toml`, and a province's own `plans/` folder."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from domain.errors import ConfigurationFault
from domain.progress import Plan


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
    try:
        content = tomllib.loads(source.read_text(encoding="utf-8"))
        return Plan.model_validate({**content, "id": plan_id})
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationFault(f"Tệp kế hoạch {source} sai: {error}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise ConfigurationFault(f"Tệp kế hoạch {source}, mục {place}: {fault['msg']}") from error


def plan_ids(override: Path | None = None) -> list[str]:
    """The ids of all plans that can be loaded."""
    places = [files("catalogues") / "plans"]
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
