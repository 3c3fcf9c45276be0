"""Groups of settings: the tables of `sohoa.toml`, with their defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.review import LARGEST_SHEET
from signing.keys import SignerConfig

_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
Address = Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$", max_length=254)]


class Keys(BaseModel):
    """Who signs. Without keys of their own an installation signs with throw-away test keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: SignerConfig | None = None
    """The agency's key; a test key under `$SOHOA_HOME/keys` when none is set."""
    officer: SignerConfig | None = None
    """An officer's key held by the server: for trials only. Same default."""
    certifier: SignerConfig | None = None
    """The key of who certifies copies; a test key while the others are test keys."""
    trust_roots: tuple[Path, ...] = ()
    """Certificates (PEM) of authorities that are trusted when signatures are verified."""


class Certification(BaseModel):
    """Certified copies (chứng thực bản sao điện tử, sao y)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str = Field(default="Bản sao đúng với bản chính", min_length=1, max_length=120)
    """The words of certification; the wording of the form in force is not verified here."""
    number: str = Field(default="{number}", pattern=r"^[^{}]*\{number\}[^{}]*$", max_length=60)
    """How the number in the register of certifications is written."""


class Review(BaseModel):
    """The review station (trạm duyệt)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(default="http://127.0.0.1:4201", pattern=r"^https?://[^\s/]+(/[^\s]*)?$")
    """Where operators' browsers reach the preview; it appears in the forms."""
    user_header: str | None = None
    """The header in which a reverse proxy names the reviewer; only behind a proxy that sets it."""
    open_forms: int = Field(default=10, ge=1, le=200)
    """Suspended runs at a time; the rest waits in the registry."""
    papers_per_form: int = Field(default=LARGEST_SHEET, ge=1, le=LARGEST_SHEET)
    """Papers with the same doubted field and unit on one form."""
    deadline_hours: float = Field(default=24, gt=0)
    """After which a waiting paper is escalated."""
    sample_rate: float = Field(default=0.02, ge=0, le=1)
    """The share of automatically accepted papers that a person checks afterwards (hậu kiểm)."""


class Health(BaseModel):
    """When `doctor` warns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queue_minutes: float = Field(default=60, gt=0)
    """How long a scan or a message may wait for a machine."""
    disk_gib: float = Field(default=2, ge=0)
    """The least free space."""
    clock_seconds: float = Field(default=5, gt=0)
    """How far this clock may be from those of the servers."""


class ApiSettings(BaseModel):
    """The HTTP API of the data store, for the one-stop system."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    public_url: str = Field(
        default="http://127.0.0.1:4202", pattern=r"^https?://[^\s/]+(/\S*[^/])?$"
    )
    """Where clients reach it; links begin with it."""
    link_minutes: int = Field(default=10, ge=1, le=1440)
    """How long a link opens a file."""


class ListenSettings(BaseModel):
    """The listener for notices of uploads, and how their runs start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    public_url: str = Field(
        default="http://127.0.0.1:4203", pattern=r"^https?://[^\s/@]+(/\S*[^/])?$"
    )
    """Where the S3 server reaches it."""
    secret_file: Path | None = None
    """The file with the shared secret; `$SOHOA_HOME/keys/listen.secret`, made at first use."""
    max_body_kib: int = Field(default=1024, ge=16, le=65536)
    """A longer body is refused."""
    quiet_seconds: float = Field(default=2, ge=0, le=600)
    """While files of a lot keep coming, the next run waits for a pause of this length,"""
    longest_seconds: float = Field(default=10, ge=0, le=3600)
    """but no longer than this."""
    interactive_files: int = Field(default=10, ge=0, le=1000)
    """A lot of up to so many files goes into the fast lane: a person waits for it."""


class Mail(BaseModel):
    """Alarms by mail: the SMTP server that takes them, who writes, who reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.:_-]+$", max_length=253)
    """The SMTP server; none: no mail is sent."""
    port: int = Field(default=587, ge=1, le=65535)
    """Its port."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`none`: in the clear; with a user only to a server on this very machine."""
    user: str | None = None
    """Who logs in; none: nobody has to."""
    password_file: Path | None = None
    """The file with the password."""
    sender: Address = "sohoa@localhost"
    """The address that mails come from."""
    recipients: tuple[Address, ...] = ()
    """Who is on duty."""
    timeout_seconds: float = Field(default=20, gt=0, le=120)
    """For one attempt."""

    @model_validator(mode="after")
    def _somebody_reads(self) -> Mail:
        if self.host and not self.recipients:
            raise ValueError("SOHOA_MAIL__RECIPIENTS còn trống: không ai nhận thư")
        if self.user and self.password_file is None:
            raise ValueError("SOHOA_MAIL__USER cần SOHOA_MAIL__PASSWORD_FILE")
        if self.user and self.security == "none" and self.host not in _THIS_MACHINE:
            raise ValueError(
                "mật khẩu thư không đi qua mạng mà không mã hóa: đặt SECURITY=starttls"
            )
        return self


class OutboxSettings(BaseModel):
    """The outbox to the national portal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    """Where messages are posted; none: nothing is sent."""
    status_url: str | None = Field(default=None, pattern=r"^https?://\S*\{message_id\}\S*$")
    """Where it is asked, with {message_id}, after an attempt that ended unclear."""
    token_file: Path | None = None
    """The file with the bearer token."""
    mapping: Path | None = None
    """The template of messages (TOML); the built-in one follows no official specification."""
    timeout_seconds: float = Field(default=20, gt=0, le=300)
    """For one call as a whole."""
    attempts: int = Field(default=8, ge=1, le=100)
    """After which a message is put aside for a person."""


class Expiry(BaseModel):
    """When files go that nothing needs any more; never before their scan is finished."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    work_days: float = Field(default=7, ge=0)
    """Intermediate files of a finished scan, and its copy in the quarantine."""
    quarantine_days: float | None = Field(default=None, ge=0)
    """The bytes of a scan that was set aside, from that day; None: they stay."""


class ExportSettings(BaseModel):
    """Packages for the historical archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    archive: str = Field(default="", pattern=r"^[A-Za-z0-9.-]*$", max_length=40)
    """Code of the archive that takes the dossiers (mã cơ quan lưu trữ)."""
    agency: str = Field(default="", pattern=r"^[A-Za-z0-9.-]*$", max_length=40)
    """Code of the agency that formed them (mã cơ quan hình thành)."""
    lists: Path | None = None
    """Code lists of the archive (TOML); the built-in ones are not verified."""
    schemas: Path | None = None
    """A folder of schema files (METS, PREMIS, EAD) that every package carries."""
