"""The archive's code lists: the province's own file, or the built-in one."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from domain.archival import ArchivalLists
from domain.errors import ConfigurationFault

_BUILT_IN = Path(__file__).with_name("archival.toml")


def load_archival_lists(own: Path | None) -> ArchivalLists:
    """The lists of this file, or the built-in ones; ConfigurationFault says what is wrong."""
    file = own or _BUILT_IN
    try:
        return ArchivalLists.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationFault(f"{file}: không dùng được ({error}).") from error
