"""The template of messages to the national portal: the province's own file, or the built-in one."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from domain.errors import ConfigurationFault
from domain.portal import PortalMapping

_BUILT_IN = Path(__file__).with_name("portal.toml")


def load_portal_mapping(own: Path | None) -> PortalMapping:
    """The mapping of this file, or the built-in one; ConfigurationFault says what is wrong."""
    file = own or _BUILT_IN
    try:
        return PortalMapping.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigurationFault(f"{file}: {place} {first['msg']}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationFault(f"{file}: không đọc được ({error}).") from error
