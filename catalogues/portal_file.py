"""The template of messages to the national portal: the province's own file, or the built-in one."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from domain.errors import ConfigurationFault
from domain.portal import PortalMapping

_FILE = "portal.toml"


def load_portal_mapping(own: Path | None) -> PortalMapping:
    """The mapping; ConfigurationFault with file and reason when it is wrong."""
    file = own / _FILE if own and (own / _FILE).is_file() else Path(__file__).with_name(_FILE)
    try:
        return PortalMapping.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigurationFault(f"{file}: {place} {first['msg']}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationFault(f"{file}: không đọc được ({error}).") from error
