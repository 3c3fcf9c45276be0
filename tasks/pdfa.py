"""Is a file PDF/A? Asked of veraPDF, the validator of the PDF Association, where it is at hand."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Literal

PdfA = Literal["pass", "fail", "unknown"]

_FETCHED = Path(__file__).resolve().parents[1] / ".cache" / "verapdf"
"""Where a working copy of the project keeps the one that its tests use."""
_MAIN_CLASS = "org.verapdf.apps.GreenfieldCliWrapper"
_QUICK_START = ("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
_OPTIONS = ("--format", "json", "--flavour", "0", "--defaultflavour", "2b")
"""The flavour that the file claims; PDF/A-2b, which we promise, where it claims none."""


def verapdf_command(configured: Path | None) -> tuple[str, ...] | None:
    """How veraPDF is started: as configured, from PATH or the cache; None without it or Java."""
    found = configured or shutil.which("verapdf")
    jar = Path(found) if found else max(_FETCHED.glob("greenfield-apps-*.jar"), default=None)
    if jar is None or not jar.is_file():
        return None
    if jar.suffix != ".jar":
        return (str(jar),)
    java = shutil.which("java")
    return (java, *_QUICK_START, "-cp", str(jar), _MAIN_CLASS) if java else None


def check_pdfa(
    file: Path, command: tuple[str, ...] | None, folder: Path, *, seconds: float
) -> PdfA:
    """The validator's verdict within so many seconds.

    `unknown` whenever it came to none – absent, too slow, out of memory, file not parsed – and
    never a pass. `folder` is scratch space: the user's own settings must not change the verdict.
    """
    if command is None:
        return "unknown"
    try:
        done = subprocess.run(
            [*command, *_OPTIONS, str(file)],
            capture_output=True,
            timeout=seconds,
            check=False,
            env={"JAVA_TOOL_OPTIONS": f"-Duser.home={folder}", "PATH": "/usr/bin:/bin"},
        )
        return _verdict(json.loads(done.stdout)["report"]["jobs"])
    except (subprocess.TimeoutExpired, OSError, ValueError, LookupError, TypeError):
        return "unknown"


def _verdict(jobs: list[dict[str, Any]]) -> PdfA:
    (job,) = jobs
    results = job.get("validationResult") or []
    if not results or any(result["jobEndStatus"] != "normal" for result in results):
        return "unknown"
    return "pass" if all(result["compliant"] is True for result in results) else "fail"
