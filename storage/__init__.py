"""Everything that outlives the process: object stores, the archive layout, the registry."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from storage.directory import DirectoryStore
from storage.s3 import S3Store

StoreConfig = Annotated[DirectoryStore | S3Store, Field(discriminator="kind")]
"""The address of an object store as it stands in the settings; `kind` says which backend."""

__all__ = ["DirectoryStore", "S3Store", "StoreConfig"]
