"""Running veraPDF, the PDF/A validator of the PDF Association, from `.cache/verapdf`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

Verdict = Literal["pass", "fail", "unknown"]

PROJECT = Path(__file__).resolve().parents[2]
CACHE = PROJECT / ".cache" / "verapdf"
FETCH = "tests/verapdf/fetch.sh"
TIME_LIMIT_S = 300
_MAIN = "org.verapdf.apps.GreenfieldCliWrapper"


def missing() -> str:
    """Why veraPDF cannot run here; empty when it can."""
    if shutil.which("java") is None:
        return "no java (Debian: default-jre-headless)"
    return "" if _jar() else f"no veraPDF in .cache/verapdf: run {FETCH}"


def verapdf(paths: Iterable[Path], flavour: str = "2b") -> dict[Path, Verdict]:
    """The verdict on each file, from one Java process.

    `unknown` whenever veraPDF did not come to a verdict (time-out, out of memory, crash, file
    not parsed): never a pass.
    """
    files = [Path(path) for path in paths]
    # The user's own settings must not change the verdict, nor be changed.
    command = ["java", "-Xmx1g", f"-Duser.home={CACHE}", "-cp", str(_jar()), _MAIN]
    try:
        done = subprocess.run(
            [*command, "--format", "json", "-f", flavour, *(str(file.resolve()) for file in files)],
            capture_output=True,
            timeout=TIME_LIMIT_S,
            check=False,
            env={**os.environ, "JAVA_TOOL_OPTIONS": ""},
        )
        jobs = json.loads(done.stdout)["report"]["jobs"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        jobs = []
    judged = {job["itemDetails"]["name"]: _verdict(job) for job in jobs}
    return {file: judged.get(str(file.resolve()), "unknown") for file in files}


def _verdict(job: dict[str, object]) -> Verdict:
    results = job.get("validationResult")
    if not isinstance(results, list) or not results:
        return "unknown"
    if any(result.get("jobEndStatus") != "normal" for result in results):
        return "unknown"
    return "pass" if all(result.get("compliant") is True for result in results) else "fail"


def _jar() -> Path | None:
    return max(CACHE.glob("greenfield-apps-*.jar"), default=None)
