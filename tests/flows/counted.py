"""A province that counts: invented units, imported rows, papers as the line leaves them."""

from contextlib import contextmanager
from datetime import UTC, datetime

from storage.registry.schema import lots, papers, scans
from tasks.figures import import_file
from tasks.house import house

UNITS = """
[[unit]]
id = "L-huyen-mot"
name = "Huyện Một (mẫu)"
level = "district"
valid_until = 2025-06-30
sample = true
[[unit]]
id = "L-xa-mot"
name = "Xã Một (mẫu)"
level = "commune"
valid_until = 2025-06-30
sample = true
[[unit]]
id = "L-xa-hai"
name = "Xã Hai (mẫu)"
level = "commune"
sample = true
valid_from = 2025-07-01
predecessors = ["L-xa-mot", "L-huyen-mot"]
"""
HEAD = (
    "code,procedure,field,components,receiving_unit,competent_unit,received_on,resolved_on,outcome"
)


@contextmanager
def counting_province(tmp_path, monkeypatch):
    """An installation with invented units of both generations; no reading, only counting."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "units.toml").write_text(UNITS, encoding="utf-8")
    monkeypatch.setenv("SOHOA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SOHOA_CATALOGUE", str(tmp_path / "own"))
    monkeypatch.setenv("SOHOA_PLAN", "hung-yen")
    monkeypatch.chdir(tmp_path)
    house.cache_clear()
    yield tmp_path
    house().close()
    house.cache_clear()


def bring(folder, kind, lines):
    """Import lines of CSV."""
    file = folder / f"{kind}.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return import_file(kind, file)


def dossier(code, unit, day="2024-03-05", receiving="H31", components=1):
    """A line under HEAD: received and solved on the same day."""
    return f"{code},1.000894,Hộ tịch,{components},{receiving},{unit},{day},{day},resolved"


def archived(ordinal, dossier_code, *, state="archived", at="2024-03-06", hour="08:00", **more):
    """A paper as the line leaves it."""
    when = datetime.fromisoformat(f"{at}T{hour}:00+07:00").astimezone(UTC)
    with house().registry.begin() as db:
        if ordinal == 1:
            db.execute(lots.insert().values(id="lo-1", manifest={}, created_at=when))
        scan = f"{ordinal:064x}"
        db.execute(
            scans.insert().values(
                id=scan,
                lot_id="lo-1",
                name=f"{ordinal}.pdf",
                key=str(ordinal),
                size_bytes=1,
                facts={"name": f"{ordinal}.pdf", **more.pop("facts", {})},
                state="done",
                split=1,
                epoch=0,
                received_at=when,
            )
        )
        done = state == "archived"
        db.execute(
            papers.insert().values(
                **{
                    "id": f"p-{ordinal}", "scan_id": scan, "split": 1, "position": 1, "pages": [1],
                    "state": state, "unit": "H31", "dossier": dossier_code,
                    "code": f"code-{ordinal}" if done else None,
                    "signed": scan if done else None, "archived_at": when if done else None,
                    "created_at": when, "updated_at": when, "likeness": f"like-{ordinal}",
                    "owner_hash": "o", "type_id": "giay-khai-sinh",
                    **more,
                }
            )
        )  # fmt: skip
