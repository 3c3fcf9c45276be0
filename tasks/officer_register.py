"""The register of officers' keys: who may sign copies under which id; by the administrator."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from domain.errors import AlreadyExists, ConfigurationFault, NotFound, Undecided
from domain.officer import RegisteredOfficer
from signing.certificates import common_name, refuse_outdated, refuse_weak, summarise
from signing.certificates import key_sha256 as fingerprint
from storage.registry import audit, officer_keys, officers
from tasks.house import house

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class OfficerKey(BaseModel):
    """A registered key; a withdrawn one no longer counts."""

    model_config = ConfigDict(frozen=True)

    officer: RegisteredOfficer
    key_sha256: str
    subject: str
    not_after: datetime
    withdrawn: bool


def add(officer_id: str, certificate: Path, name: str | None, *, actor: str) -> OfficerKey:
    """Register the key of a certificate (PEM or DER) for an officer; twice is once.

    The name is the certificate's (CN) where none is said. A second key of the same officer counts
    beside the first, so a token can be replaced. Raises AlreadyExists for a key of another
    officer, ConfigurationFault for a weak, outdated or unreadable certificate, Undecided for an
    unusable id or name.
    """
    from asn1crypto.x509 import Certificate as Asn1Certificate
    from cryptography.hazmat.primitives.serialization import Encoding

    here = house()
    if not _ID.fullmatch(officer_id):
        raise Undecided("Mã cán bộ gồm 1–40 ký tự: chữ không dấu, số, dấu chấm, gạch.")
    shown = _certificate_in(certificate)
    refuse_weak(str(certificate), shown)
    summary = summarise(shown)
    refuse_outdated(str(certificate), summary)
    named = " ".join((name or common_name(summary.subject)).split())
    if not named or not named.isprintable():
        raise Undecided("Chứng thư không ghi họ tên: nêu --name.")
    key = fingerprint(Asn1Certificate.load(shown.public_bytes(Encoding.DER)))
    officer = RegisteredOfficer(id=officer_id, name=named[:120])
    at = here.now()
    with here.registry.begin() as db:
        row = officer_keys.put(
            db,
            key,
            officer=officer,
            subject=summary.subject,
            not_after=summary.not_after,
            at=at,
        )
        if row["officer_id"] != officer_id:
            raise AlreadyExists(
                f"Khóa này đã đăng ký cho cán bộ {row['officer_id']}; mỗi người một khóa riêng."
            )
        audit.append(db, "officer_key:registered", officer_id, actor=actor, at=at, key=key)
    return OfficerKey(
        officer=officer,
        key_sha256=key,
        subject=summary.subject,
        not_after=summary.not_after,
        withdrawn=False,
    )


def withdraw(officer_id: str, *, actor: str) -> int:
    """Let no key of this officer count any more; NotFound where none did. Signatures stay."""
    here = house()
    with here.registry.begin() as db:
        count = officer_keys.withdraw(db, officer_id, at=here.now())
        if not count:
            raise NotFound(f"Cán bộ «{officer_id}» không có khóa nào; xem: sohoa officer list.")
        audit.append(db, "officer_key:withdrawn", officer_id, actor=actor, at=here.now())
    return count


def listed() -> list[OfficerKey]:
    """All keys by officer, withdrawn ones too."""
    with house().registry.read() as db:
        return [
            OfficerKey(
                officer=RegisteredOfficer(id=row["officer_id"], name=row["name"]),
                key_sha256=row["key_sha256"],
                subject=row["subject"],
                not_after=row["not_after"],
                withdrawn=row["withdrawn_at"] is not None,
            )
            for row in officer_keys.listed(db)
        ]


def assign(paper_id: str, officer_id: str, *, actor: str) -> RegisteredOfficer:
    """Say who must sign a waiting paper; NotFound where the paper or the officer is not there."""
    here = house()
    with here.registry.begin() as db:
        who = next((one for one in officer_keys.registered(db) if one.id == officer_id), None)
        if who is None:
            raise NotFound(f"Không có cán bộ mã «{officer_id}»; xem: sohoa officer list.")
        row = officers.of_paper(db, paper_id)
        if row is None:
            raise NotFound("Giấy tờ này không chờ cán bộ ký; xem: sohoa papers.")
        officers.assign(db, paper_id, who.name, who.id)
        audit.append(
            db,
            "officer_assigned",
            paper_id,
            actor=actor,
            at=here.now(),
            officer=who.name,
            officer_id=who.id,
            instead_of=row["officer"],
        )
    return who


def _certificate_in(path: Path) -> Certificate:
    from cryptography import x509

    try:
        content = path.read_bytes()
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificate(content)
        return x509.load_der_x509_certificate(content)
    except (OSError, ValueError) as error:
        raise ConfigurationFault(
            f"Không đọc được chứng thư «{path}»; cần tệp .pem, .cer hoặc .crt, lấy bằng: "
            "sohoa sign certificate."
        ) from error
