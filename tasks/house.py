"""The house: settings turned into stores, registry, keys, catalogue and clock. Wired once."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta, timezone
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from catalogues import load_catalogue
from catalogues.plan_files import load_plan
from domain.catalogue import Catalogue
from domain.codes import CodeTemplate, type_segment
from domain.errors import ConfigurationFault
from domain.plan import Plan
from domain.vietnamese import fold
from reading.pool import ReadingPool
from signing.appearance import AppearanceProfile
from signing.keys import SignerConfig
from signing.levels import TrustServices
from storage.claimed import put_once
from storage.content import ContentStore, Recent
from storage.objects import ObjectStore
from storage.ocfl import ArchiveRoot
from storage.registry.database import Registry
from tasks.owner_key import hashed, owner_key
from tasks.scratch import private_folder, sweep
from tasks.settings import Settings, load_settings
from tasks.signing_keys import SigningKeys, certifier_of, roots_of, signing_keys
from tasks.worker_names import worker_name

VIETNAM = timezone(timedelta(hours=7), "+07:00")


class House:
    """Everything a step needs, made on demand from the settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._pool_lock = threading.Lock()
        self._pool: ReadingPool | None = None
        self._recent = Recent()

    def prepare(self) -> None:
        """Check and set up what every run needs, before the first scan.

        Raises ConfigurationFault with one clear line when something is wrong.
        """
        self.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        _ = self.catalogue, self.plan, self.keys
        self.registry.migrate()
        _ = self._owner_key
        self.archive.prepare()
        sweep(self._scratch)

    # -- places -----------------------------------------------------------------

    @cached_property
    def registry(self) -> Registry:
        """The registry's address."""
        return self.settings.registry_address

    @cached_property
    def intake(self) -> ObjectStore:
        """Where uploads arrive; an object leaves it after its papers are archived.

        Keys are put once: by the server where it can, by claims in the registry where not.
        """
        self.registry.migrate()
        return put_once(self.settings.store("intake"), self.registry)

    @cached_property
    def quarantine(self) -> ObjectStore:
        """Where the bytes of scans that were set aside are kept."""
        return self.settings.store("quarantine")

    def work(self, scan_id: str) -> ContentStore:
        """What is between two steps of one scan, by digest; a scan's own, so it can be cleared."""
        store, prefix = self.settings.store("work"), f"scans/{scan_id}"
        return ContentStore(objects=store, prefix=prefix, recent=self._recent)

    @cached_property
    def archive(self) -> ArchiveRoot:
        """The archive."""
        return ArchiveRoot(objects=self.settings.store("archive"))

    def scratch(self) -> AbstractContextManager[Path]:
        """A private folder for one step; gone afterwards, or when a kill has cut it off, later."""
        return private_folder(self._scratch, self.worker)

    @property
    def _scratch(self) -> Path:
        return self.settings.home / "scratch"

    # -- reference data ---------------------------------------------------------

    @cached_property
    def catalogue(self) -> Catalogue:
        """Document types and units."""
        return load_catalogue(self.settings.catalogue)

    @cached_property
    def catalogue_names(self) -> dict[str, str]:
        """The names of all units by their identifiers."""
        return {unit.id: unit.name for unit in self.catalogue.units}

    @cached_property
    def plan(self) -> Plan:
        """The plan that progress is counted against."""
        return load_plan(self.settings.plan, self.settings.catalogue)

    @cached_property
    def codes(self) -> CodeTemplate:
        """How codes are written."""
        return CodeTemplate(text=self.settings.code_template)

    def type_segment(self, type_id: str | None) -> str:
        """What stands for a type in a code: its national code, or its catalogue id marked local."""
        found = self.catalogue.type(type_id) if type_id else None
        if found is None:
            raise ConfigurationFault(
                f"Loại giấy tờ «{type_id}» không có trong danh mục; kiểm tra SOHOA_CATALOGUE."
            )
        return type_segment(found.code, found.id)

    # -- keys -------------------------------------------------------------------

    @cached_property
    def keys(self) -> SigningKeys:
        """The configured keys; throw-away test keys where none are configured."""
        return signing_keys(self.settings)

    @cached_property
    def trust_services(self) -> TrustServices:
        """Who stamps the time and proves certificates for signatures above B-B."""
        return TrustServices(settings=self.settings.signatures, trust_roots=self.keys.trust_roots)

    def profile(self, role: Literal["officer", "agency"]) -> AppearanceProfile:
        """What a signature of this role shows on page 1."""
        return self.settings.appearance.profile(role)

    @cached_property
    def certifier(self) -> SignerConfig:
        """The key of who certifies copies; a throw-away one where all keys are."""
        return certifier_of(self.keys, self.settings.home)

    @property
    def trust_roots(self) -> tuple[Path, ...]:
        """Whom verification trusts, with the throw-away certifier's root where there is one."""
        return roots_of(self.keys, self.settings.home)

    @cached_property
    def _owner_key(self) -> bytes:
        return owner_key(self.owner_key_file, self.registry)

    @property
    def checked_owner_key(self) -> bytes:
        """The key itself, for backups; ConfigurationFault where it is not the registry's."""
        return owner_key(self.owner_key_file, self.registry)

    @property
    def owner_key_file(self) -> Path:
        """Where the key of the owners' hashes is; every host of an installation has the same."""
        return self.settings.owner_key_file or self.settings.home / "keys" / "owner.key"

    def owner_hash(self, owner_id: str) -> str:
        """The keyed hash (HMAC-SHA-256, hex) under which an owner's papers are found."""
        return hashed(self._owner_key, owner_id)

    def likeness(self, *parts: str | None) -> str:
        """A keyed hash that two scans of the same paper share."""
        text = "\x1f".join(fold(part or "") for part in parts)
        return hmac.new(self._owner_key, text.encode(), hashlib.sha256).hexdigest()

    def keyed(self, purpose: str, *parts: str) -> str:
        """A keyed hash (HMAC-SHA-256, hex) for one purpose; only this installation can make it."""
        text = "\x1f".join(("purpose", purpose, *parts))
        return hmac.new(self._owner_key, text.encode(), hashlib.sha256).hexdigest()

    # -- the machine ------------------------------------------------------------

    def now(self) -> datetime:
        """The time in Việt Nam, with its offset."""
        return datetime.now(VIETNAM)

    def today(self) -> date:
        """The day in Việt Nam."""
        return self.now().date()

    @cached_property
    def worker(self) -> str:
        """A name for this process that no other living process has, here or on another host."""
        return worker_name(os.getpid())

    @property
    def pool(self) -> ReadingPool:
        """The child processes that open foreign bytes; started at first use."""
        with self._pool_lock:
            if self._pool is None:
                self._pool = ReadingPool(self.settings.limits, self.settings.workers)
            return self._pool

    def close(self) -> None:
        """End the child processes and give up connections."""
        with self._pool_lock:
            if self._pool is not None:
                self._pool.close()
                self._pool = None
        self.registry.close()


@cache
def house() -> House:
    """This process's house, made from the settings at first use."""
    return House(load_settings())


def close() -> None:
    """End the child processes and give up the connections of this process's house, if it has one.

    The house itself stays: whoever uses it again starts them anew.
    """
    if house.cache_info().currsize:
        house().close()
