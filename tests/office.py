"""An embedded installation of its own: what an operator does on it."""

import json
import shutil
from contextlib import contextmanager
from pathlib import Path

from flows.digitize import digitize
from tasks.house import House, house
from tasks.upload import Overrides, upload


class Office:
    """What an operator does, on one installation: bring files, run the line, look."""

    def __init__(self, folder: Path) -> None:
        self.inbox = folder / "inbox"
        self.inbox.mkdir()

    def bring(self, files, lot="lo-1", **overrides):
        """Upload files (name → bytes) as one lot."""
        paths = []
        for name, content in files.items():
            path = self.inbox / name
            path.write_bytes(content)
            paths.append(path)
        return upload(paths, Overrides(lot=lot, unit="H31", **overrides))

    def run(self, lot="lo-1"):
        """Run the line over the lot, without a Prefect server."""
        return digitize.fn(lot)

    def digitize(self, files, lot="lo-1", **overrides):
        """Bring and run."""
        self.bring(files, lot, **overrides)
        return self.run(lot)


@contextmanager
def opened(folder, monkeypatch, pool, keys):
    """A fresh installation under `folder`, with shared child processes and test keys."""
    shutil.copytree(keys, folder / "home" / "keys")
    monkeypatch.setenv("SOHOA_HOME", str(folder / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(House, "pool", pool)
    house.cache_clear()
    try:
        yield Office(folder)
    finally:
        if house.cache_info().currsize:
            house().close()
        house.cache_clear()


def own_token_settings(pki):
    """The environment of an installation whose officers sign with tokens of their own."""
    agency = pki.signer("agency")
    return {
        "SOHOA_KEYS__AGENCY__KIND": "pkcs12",
        "SOHOA_KEYS__AGENCY__PATH": str(agency.path),
        "SOHOA_KEYS__AGENCY__PASSPHRASE_FILE": str(agency.passphrase_file),
        "SOHOA_KEYS__TRUST_ROOTS": json.dumps([str(pki.roots[0])]),
        "SOHOA_OFFICER_SIGNING": "own_token",
    }
