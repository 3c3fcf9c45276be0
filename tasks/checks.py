"""What `sohoa doctor` looks at: each external part is found, says its version, and works."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Literal

from domain.errors import SohoaError
from tasks.audit import verify_audit
from tasks.check_result import Check
from tasks.house import House
from tasks.keys import key_states
from tasks.store_checks import check_buckets, check_encryption, check_put_once, check_worm

_SECONDS = 20
_LEAST_FREE_BYTES = 2 * 1024**3
_AUDIT_ROWS = 100_000  # some seconds


def run_checks(here: House) -> Iterator[Check]:
    """All checks, one after the other; each ends by itself within seconds."""
    checks: list[tuple[str, Callable[[House], Check]]] = [
        ("cấu hình và danh mục", _catalogue),
        ("tesseract", _tesseract),
        ("phông chữ", _font),
        ("sổ đăng ký", _registry),
        ("nhật ký", _audit),
        ("kho tiếp nhận", lambda here: _store(here, "intake")),
        ("kho trung gian", lambda here: _store(here, "work")),
        ("kho lưu trữ", lambda here: _store(here, "archive")),
        ("kho để riêng", lambda here: _store(here, "quarantine")),
        ("bucket S3", check_buckets),
        ("ghi một lần", check_put_once),
        ("mã hóa kho", check_encryption),
        ("khóa WORM", check_worm),
        ("khóa ký", _keys),
        ("dấu thời gian", _time_stamps),
        ("đĩa", _disk),
        ("máy chủ Prefect", _server),
    ]
    for part, check in checks:
        try:
            yield check(here)
        except SohoaError as error:
            yield Check(part=part, state="missing", detail=str(error))
        except (OSError, subprocess.SubprocessError) as error:
            yield Check(part=part, state="missing", detail=f"{type(error).__name__}: {error}")


def _catalogue(here: House) -> Check:
    catalogue = here.catalogue
    unverified = sum(not entry.verified for entry in catalogue.types)
    return Check(
        part="cấu hình và danh mục",
        state="ok",
        detail=f"{len(catalogue.types)} loại giấy tờ ({unverified} mục chưa xác minh), "
        f"{len(catalogue.units)} đơn vị; kế hoạch: {here.plan.name}",
    )


def _tesseract(here: House) -> Check:
    del here
    program = shutil.which("tesseract")
    if program is None:
        return Check(
            part="tesseract",
            state="missing",
            detail="không tìm thấy: cài gói tesseract-ocr và tesseract-ocr-vie",
        )
    asked = [
        subprocess.run(
            [program, option], capture_output=True, text=True, timeout=_SECONDS, check=True
        ).stdout.splitlines()
        for option in ("--version", "--list-langs")
    ]
    if "vie" not in asked[1]:
        return Check(
            part="tesseract", state="missing", detail="thiếu tiếng Việt: cài gói tesseract-ocr-vie"
        )
    return Check(part="tesseract", state="ok", detail=f"{asked[0][0]}, có tiếng Việt (vie)")


def _font(here: House) -> Check:
    from signing.appearance import find_font  # loads the font library

    del here
    return Check(part="phông chữ", state="ok", detail=str(find_font()))


def _registry(here: House) -> Check:
    here.registry.migrate()
    from sqlalchemy import make_url

    url = make_url(here.registry.url)
    return Check(
        part="sổ đăng ký",
        state="ok",
        detail=f"{url.get_backend_name()}, phiên bản bảng {here.registry.version()}",
    )


def _audit(here: House) -> Check:
    """The key of the owners' hashes is the registry's, and its newest audit rows are all there."""
    _ = here.checked_owner_key
    found = verify_audit(here, last=_AUDIT_ROWS)
    if not found.sound:
        return Check(
            part="nhật ký",
            state="missing",
            detail=f"bị sửa hoặc xóa từ dòng {found.broken_at}: báo động, giữ nguyên hiện trường",
        )
    return Check(
        part="nhật ký",
        state="ok",
        detail=f"{found.rows} dòng mới nhất còn nguyên, khóa băm đúng (đi hết: sohoa audit verify)",
    )


def _store(here: House, name: Literal["intake", "work", "archive", "quarantine"]) -> Check:
    names = {
        "intake": "tiếp nhận",
        "work": "trung gian",
        "archive": "lưu trữ",
        "quarantine": "để riêng",
    }
    store = here.settings.store(name)
    probe = f"doctor-{secrets.token_hex(4)}"  # no folder, so no sweep takes it for a lot
    if name == "archive":  # nothing is ever written there for a test: it may be locked for years
        next(iter(store.keys("0=")), None)
    else:
        store.put(probe, b"sohoa doctor")
        store.get(probe)
        store.delete(probe)
    kind = "thư mục, không phải WORM" if store.kind == "directory" else "S3"
    return Check(
        part=f"kho {names[name]}",
        state="warning" if name == "archive" and store.kind == "directory" else "ok",
        detail=kind,
    )


def _keys(here: House) -> Check:
    states = key_states(here)
    said = [
        f"{key.role}: {key.subject or key.where}"
        + (f" (đến {key.not_after:%Y-%m-%d})" if key.not_after else "")
        + (f" – {key.problem}" if key.problem else "")
        for key in states
    ]
    if here.keys.test:
        said.insert(0, "khóa THỬ NGHIỆM, không có giá trị pháp lý")
    if here.keys.officer is None:
        said.append("cán bộ ký bằng thiết bị của mình (sohoa sign)")
    broken = any(key.state in {"unusable", "unavailable"} for key in states)
    expiring = any(key.state == "expiring" for key in states)
    return Check(
        part="khóa ký",
        state="missing" if broken else "warning" if here.keys.test or expiring else "ok",
        detail="; ".join(said),
    )


def _time_stamps(here: House) -> Check:
    """Every authority is asked for a time stamp; a failure is a warning while another works."""
    from signing.timestamps import FailoverTimeStamper, NoTimeStampError  # import pyHanko

    settings = here.settings.signatures
    if not settings.tsa:
        return Check(
            part="dấu thời gian", state="ok", detail="không dùng (chữ ký mức B-B)", needed=False
        )
    said, bad = [], 0
    for url in settings.tsa:
        alone = here.trust_services.model_copy(
            update={"settings": settings.model_copy(update={"tsa": (url,)})}
        )
        try:
            ends = FailoverTimeStamper(alone).expected().data.not_after
            said.append(f"{url}: chứng thư đến {ends:%d/%m/%Y}")
        except NoTimeStampError as error:
            bad += 1
            said.append(str(error))
    state: Literal["ok", "warning", "missing"] = "warning" if bad else "ok"
    return Check(
        part="dấu thời gian",
        state="missing" if bad == len(settings.tsa) else state,
        detail="; ".join(said),
        needed=False,
    )


def _disk(here: House) -> Check:
    here.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(here.settings.home).free
    return Check(
        part="đĩa",
        state="ok" if free >= _LEAST_FREE_BYTES else "warning",
        detail=f"còn {free / 1024**3:.1f} GiB ở {here.settings.home}",
    )


def _server(here: House) -> Check:
    import httpx
    from prefect.settings import PREFECT_API_URL

    del here
    url = PREFECT_API_URL.value()
    installed = f"prefect {version('prefect')}"
    if not url:
        return Check(
            part="máy chủ Prefect",
            state="warning",
            detail=f"{installed}; chưa cấu hình PREFECT_API_URL (chạy trực tiếp được)",
            needed=False,
        )
    try:
        healthy = httpx.get(f"{url}/health", timeout=_SECONDS).is_success
    except httpx.HTTPError as error:
        return Check(part="máy chủ Prefect", state="missing", detail=f"{url}: {error}")
    return Check(
        part="máy chủ Prefect", state="ok" if healthy else "missing", detail=f"{installed}, {url}"
    )
