"""Speed of signing: signatures a second, CPU time and bytes added, against pyHanko's command line.

`make bench-sign`. The certification authority, OCSP responder and time-stamping authority are
the tests' own, in another process: their CPU time is not ours. The peer is run on the same
files with the same key; where it is not installed (.cache/pyhanko) its column is empty.
`--preserve` measures the renewal of archived papers instead. `--docs` writes the figures into
docs/signing-speed.md.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import machine
from benchmarks.sign_files import make_files
from signing.appearance import BAN_SAO_DIEN_TU, MOT_CUA_SCAN
from signing.keys import SignerConfig
from signing.levels import Level, SignatureSettings, TrustServices
from signing.pdf import AGENCY_FIELD, OFFICER_FIELD, sign_pdf
from signing.renewing import renew_pdf
from tests.servers.pki import TestPki
from tests.servers.softhsm import start_softhsm

DOCS = Path("docs/signing-speed.md")
PYHANKO = Path(".cache/pyhanko/bin/pyhanko")
LEVELS: tuple[Level, ...] = ("B-B", "B-T", "B-LT")
AIM_CPU_MS = {"B-B": 40.0, "B-T": 60.0, "B-LT": 60.0}
_NIGHT_HOURS = 8
_KIB = 1024
_VALUES = {
    "person": "Nguyễn Văn An",
    "agency": "UBND xã Hoa Sen",
    "time": "2026-11-20T09:15:30+07:00",
    "code": "049199000123.KQ.G15.000032.01",
    "form": "Bản số hóa –",
}


class Measured(NamedTuple):
    """Means over all signatures of one kind."""

    cpu_ms: float
    wall_ms: float
    added_kib: float


def main() -> int:
    """Measure and print; the exit code is 0 whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sign", description=__doc__)
    parser.add_argument("--papers", type=int, default=20, help="số giấy tờ mỗi phép đo")
    parser.add_argument("--preserve", action="store_true", help="đo gia hạn thay vì ký")
    parser.add_argument("--docs", type=Path, default=None, help=f"ghi vào tệp, như {DOCS}")
    asked = parser.parse_args()
    said = []
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name, _authority() as pki:
        folder = Path(name)
        files = make_files(folder)
        if asked.preserve:
            _preserve(files["nhỏ"], folder, pki, asked.papers)
        else:
            for line in _sign(files, folder, pki, asked.papers):
                print(line, flush=True)
                said.append(line)
    if asked.docs and said:
        asked.docs.write_text(_page(asked.papers, said), encoding="utf-8")
    return 0


def _page(papers: int, lines: list[str]) -> str:
    head = (
        f"`make bench-sign`, {machine()}. Mỗi dòng {papers} giấy tờ, mỗi giấy hai chữ ký. "
        "Máy chủ OCSP và dấu thời gian là của bộ kiểm thử, ở tiến trình khác, CPU không tính. "
        "Cột «gấp» so với dòng lệnh của pyHanko trên cùng tệp, cùng khóa, trong cùng lượt đo."
    )
    return "\n".join(("# Tốc độ ký số", "", head, "", *lines, ""))


def _sign(files: dict[str, Path], folder: Path, pki: TestPki, papers: int) -> Iterator[str]:
    yield "| tệp | khóa | mức | ms CPU/chữ ký | ms/chữ ký | chữ ký/s | KiB thêm | đích CPU |"
    yield "|---|---|---|---|---|---|---|---|"
    ours: dict[tuple[str, Level], float] = {}
    with start_softhsm(folder / "hsm") as hsm:
        keys: dict[str, SignerConfig] = {"PKCS#12": pki.signer("officer")}
        if hsm is not None:
            keys["SoftHSM"] = hsm.token("bench", pki, "officer").signer("bench", "officer")
        for (size, file), (kind, key) in ((f, k) for f in files.items() for k in keys.items()):
            for level in LEVELS:
                found = _measure(file, folder, key, level, _services(pki), papers)
                if kind == "PKCS#12":
                    ours[size, level] = found.cpu_ms
                yield (
                    f"| {size} ({file.stat().st_size / _KIB / _KIB:.1f} MiB) | {kind} | {level} "
                    f"| {found.cpu_ms:.1f} | {found.wall_ms:.1f} | {1000 / found.wall_ms:.1f} "
                    f"| {found.added_kib:.1f} | ≤ {AIM_CPU_MS[level]:.0f} |"
                )
    if not PYHANKO.is_file():
        print("\npyHanko dòng lệnh không có: xem mục bench-sign trong Makefile.", file=sys.stderr)
        return
    yield ""
    yield "| tệp | mức | pyHanko dòng lệnh, ms CPU | sohoa, ms CPU | gấp |"
    yield "|---|---|---|---|---|"
    for size, file in files.items():
        for level in ("B-B", "B-LT"):
            peer = _peer(file, folder, pki, level)
            own = ours[size, level]
            yield f"| {size} | {level} | {peer:.0f} | {own:.1f} | {peer / own:.0f} |"


def _measure(
    file: Path,
    folder: Path,
    key: SignerConfig,
    level: Level,
    services: TrustServices,
    papers: int,
) -> Measured:
    """Two signatures a paper, officer and agency, as on the line; the first paper warms up."""
    first, second = folder / "first.pdf", folder / "second.pdf"
    cpu, wall = [], []
    for number in range(papers + 1):
        start, begun = time.process_time(), time.perf_counter()
        _one(file, first, key, OFFICER_FIELD, level, services)
        _one(first, second, key, AGENCY_FIELD, level, services)
        if number:
            cpu.append((time.process_time() - start) * 500)
            wall.append((time.perf_counter() - begun) * 500)
    added = (second.stat().st_size - file.stat().st_size) / 2 / _KIB
    return Measured(statistics.mean(cpu), statistics.mean(wall), added)


def _one(
    source: Path, target: Path, key: SignerConfig, field: str, level: Level, services: TrustServices
) -> None:
    info = sign_pdf(
        source,
        target,
        signer=key,
        field=field,
        profile=MOT_CUA_SCAN if field == OFFICER_FIELD else BAN_SAO_DIEN_TU,
        values=_VALUES,
        qr=_VALUES["code"],
        signed_at=datetime.now(UTC),
        reason="Đo tốc độ",
        level=level,
        services=services,
    )
    if info.level != level:
        raise SystemExit(f"{field}: {info.level} thay vì {level}: {info.shortfall}")


def _peer(file: Path, folder: Path, pki: TestPki, level: str) -> float:
    """CPU time of pyHanko's command line for one signature, in ms; the mean of three."""
    key, target = pki.signer("officer"), folder / "peer.pdf"
    options = ["--field", OFFICER_FIELD, "--use-pades"]
    if level == "B-LT":
        options += ["--with-validation-info", "--timestamp-url", pki.tsa_urls[0]]
        options += ["--trust", str(pki.roots[0])]
    command = [str(PYHANKO), "sign", "addsig", *options, "pkcs12"]
    command += ["--passfile", str(key.passphrase_file), str(file), str(target), str(key.path)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(3):
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent * 1000 / 3


def _preserve(file: Path, folder: Path, pki: TestPki, papers: int) -> None:
    """Renewals of one signed paper in a chain: each makes the file a little longer."""
    services, key = _services(pki), pki.signer("officer")
    _one(file, folder / "first.pdf", key, OFFICER_FIELD, "B-LT", services)
    _one(folder / "first.pdf", folder / "second.pdf", key, AGENCY_FIELD, "B-LT", services)
    target = folder / "renewed.pdf"
    renew_pdf(folder / "second.pdf", target, services)
    start, begun = time.process_time(), time.perf_counter()
    for _ in range(papers):
        renew_pdf(folder / "second.pdf", target, services)
    cpu = (time.process_time() - start) / papers
    wall = (time.perf_counter() - begun) / papers
    print(f"Gia hạn một giấy tờ: {cpu * 1000:.0f} ms CPU, {wall * 1000:.0f} ms")
    print(f"Một đêm {_NIGHT_HOURS} giờ, một tiến trình: {_NIGHT_HOURS * 3600 / wall:,.0f} giấy tờ")


def _services(pki: TestPki) -> TrustServices:
    settings = SignatureSettings(tsa=pki.tsa_urls, tsa_timeout_seconds=60)
    return TrustServices(settings=settings, trust_roots=pki.roots)


@contextmanager
def _authority() -> Iterator[TestPki]:
    """The tests' infrastructure, served by another process; here only what it hands out."""
    with tempfile.TemporaryDirectory(prefix="sohoa-pki-") as folder:
        served = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.pki", folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ,
        )
        try:
            printed = served.stdout or ()
            port = next(
                found[1]
                for line in printed
                if (found := re.search(r"SIGNATURES__TSA=.*?:(\d+)/", line))
            )
            yield TestPki(Path(folder), int(port))
        finally:
            served.terminate()
            served.wait(20)


if __name__ == "__main__":
    sys.exit(main())
