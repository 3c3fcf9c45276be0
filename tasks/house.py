"""The house: settings turned into stores, registry, keys, catalogue and clock. Wired once."""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from catalogues import load_catalogue
from catalogues.plan_files import load_plan
from domain.catalogue import Catalogue
from domain.codes import CodeTemplate, type_segment
from domain.errors import ConfigurationFault, DocumentFault, Unavailable
from domain.plan import Plan
from domain.vietnamese import fold
from reading.pool import ReadingPool
from signing.appearance import AppearanceProfile
from signing.keys import SignerConfig
from signing.levels import TrustServices
from storage.claimed import put_once
from storage.content import ContentStore
from storage.objects import ObjectStore
from storage.ocfl import ArchiveRoot
from storage.registry.database import Registry
from tasks.owner_key import hashed, owner_key
from tasks.settings import Settings, load_settings

VIETNAM = timezone(timedelta(hours=7), "+07:00")
_PROCESS_FACTS = Path("/proc/self")
_IN_A_NAME = "~"  # stands for the slashes of a worker's name in the name of a folder
_SLASHES = 3
_LEAST_FREE_BYTES = 32 * 1024**2  # a page at 600 dpi in colour would not find room any more


@dataclass(frozen=True)
class SigningKeys:
    """The keys in use; `test` says that they are throw-away keys without legal value."""

    agency: SignerConfig
    officer: SignerConfig | None
    """None where officers sign with their own tokens."""
    certifier: SignerConfig | None
    """None where no copies are certified, or with a throw-away key (`House.certifier`)."""
    trust_roots: tuple[Path, ...]
    test: bool

    @property
    def by_role(self) -> dict[str, SignerConfig]:
        """The keys that this installation holds, by whom they stand for."""
        held = {"cơ quan": self.agency, "cán bộ": self.officer, "chứng thực": self.certifier}
        return {role: key for role, key in held.items() if key is not None}


class House:
    """Everything a step needs, made on demand from the settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._pool_lock = threading.Lock()
        self._pool: ReadingPool | None = None

    def prepare(self) -> None:
        """Check and set up what every run needs, before the first scan.

        Raises ConfigurationFault with one clear line when something is wrong.
        """
        self.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        _ = self.catalogue, self.plan, self.keys
        self.registry.migrate()
        _ = self._owner_key
        self.archive.prepare()
        self._sweep_scratch()

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
        return ContentStore(objects=self.settings.store("work"), prefix=f"scans/{scan_id}")

    @cached_property
    def archive(self) -> ArchiveRoot:
        """The archive."""
        return ArchiveRoot(objects=self.settings.store("archive"))

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A private folder for one step; gone afterwards, or when a kill has cut it off, later."""
        self._scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = self.worker.replace("/", _IN_A_NAME)
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix=owner + _IN_A_NAME) as folder:
            try:
                yield Path(folder)
            except (DocumentFault, OSError, RuntimeError) as fault:
                _believe(fault, Path(folder))
                raise

    @property
    def _scratch(self) -> Path:
        return self.settings.home / "scratch"

    def _sweep_scratch(self) -> None:
        """Remove what killed processes left: pages and words of people, and disk space."""
        for folder in self._scratch.glob("*"):
            owner, _, _ = folder.name.rpartition(_IN_A_NAME)
            worker = owner.replace(_IN_A_NAME, "/")
            if worker.count("/") == _SLASHES and is_dead(worker):
                shutil.rmtree(folder, ignore_errors=True)

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
        configured = self.settings.keys
        own_tokens = self.settings.officer_signing == "own_token"
        if configured.agency and (configured.officer or own_tokens):
            return SigningKeys(
                configured.agency,
                configured.officer,
                configured.certifier,
                configured.trust_roots,
                test=False,
            )
        if configured.agency or configured.officer:
            raise ConfigurationFault(
                "Phải cấu hình cả hai khóa SOHOA_KEYS__AGENCY và SOHOA_KEYS__OFFICER, "
                "hoặc không khóa nào (khi đó dùng khóa thử); cán bộ ký bằng thiết bị của mình thì "
                "đặt SOHOA_OFFICER_SIGNING=own_token."
            )
        from signing.demo_authority import make_demo_keys  # only when needed

        made = make_demo_keys(
            self.settings.home / "keys",
            agency_name=self.settings.agency_name,
            officer_name=self.settings.officer_name,
        )
        roots = (made.root_certificate, *configured.trust_roots)
        return SigningKeys(made.agency, made.officer, configured.certifier, roots, test=True)

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
        if self.keys.certifier is not None:
            return self.keys.certifier
        if not self.keys.test:
            raise ConfigurationFault(
                "Chưa cấu hình khóa chứng thực bản sao: SOHOA_KEYS__CERTIFIER."
            )
        from signing.demo_authority import make_demo_keys  # only when needed

        name = "Người chứng thực (thử nghiệm)"
        return make_demo_keys(self._certifier_folder, agency_name=name, officer_name=name).agency

    @property
    def _certifier_folder(self) -> Path:
        return self.settings.home / "keys" / "certifier"

    @property
    def trust_roots(self) -> tuple[Path, ...]:
        """Whom verification trusts, with the throw-away certifier's root where there is one."""
        root = self._certifier_folder / "demo" / "root.pem"
        trial = self.keys.test and root.is_file()
        return (*self.keys.trust_roots, root) if trial else self.keys.trust_roots

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


def _believe(fault: Exception, folder: Path) -> None:
    """Unavailable when the disk is full: libraries then call a good document damaged."""
    if shutil.disk_usage(folder).free < _LEAST_FREE_BYTES:
        raise Unavailable(
            "Ổ đĩa của thư mục làm việc đã đầy: giải phóng dung lượng, việc dở sẽ được làm tiếp."
        ) from fault


def worker_name(pid: int) -> str:
    """Host, process space, process number and start time: `host/4026531836/812/3345021`."""
    space = str((_PROCESS_FACTS / "ns/pid").readlink()).strip("pid:[]")
    return f"{socket.gethostname()}/{space}/{pid}/{_started(pid)}"


def is_dead(worker: str) -> bool:
    """Whether this worker ran in our process space and has ended; False when we cannot know."""
    host, space, pid, started = worker.rsplit("/", 3)
    ours = worker_name(os.getpid()).rsplit("/", 3)
    if [host, space] != ours[:2]:
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return "ended"
    state, *rest = stat.rpartition(")")[2].split()
    return "ended" if state == "Z" else rest[18]  # field 22, start time since boot


@cache
def house() -> House:
    """This process's house, made from the settings at first use."""
    return House(load_settings())
