"""Running the European Commission's DSS validator from `.cache/dss` (see fetch.sh)."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "dss"
TIME_LIMIT_S = 240


def missing() -> str:
    """Why DSS cannot run here; empty when it can."""
    if shutil.which("java") is None:
        return "no java (Debian: default-jre-headless)"
    return "" if (CACHE / "classes/Judge.class").is_file() else "no DSS: run tests/dss/fetch.sh"


def judge(files: Iterable[Path | tuple[Path, Path]], trusted: Path | None) -> list[dict[str, Any]]:
    """What DSS finds on each signature, in order; a pair is a detached signature and its file.

    Nothing is fetched: levels and verdicts rest on what the files hold. One Java process.
    """
    named = [f"{one[0]}={one[1]}" if isinstance(one, tuple) else str(one) for one in files]
    done = subprocess.run(
        [
            "java",
            "-Xmx512m",
            "-cp",
            f"{CACHE}/classes:{CACHE}/*",
            "Judge",
            str(trusted or "-"),
            *named,
        ],
        capture_output=True,
        timeout=TIME_LIMIT_S,
        check=True,
        text=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
