"""Workers and clients that meet: each scan is worked on by one, each upload has one row."""

from domain.states import PaperState
from storage.registry import uploads
from tasks.house import house
from tasks.shelf import listed
from tests.faults.scans import lot


def test_two_workers_on_one_lot_make_every_paper_once(site):
    site.bring(lot(10))
    workers = [site.start("worker", "lo-1") for _ in range(2)]
    for worker in workers:
        site.finish(worker)
    assert site.violations() == []
    assert [row["state"] for row in listed()] == [PaperState.ARCHIVED] * 10
    with house().registry.read() as db:
        hands = db.exec_driver_sql(
            "SELECT count(DISTINCT actor) FROM audit WHERE action = 'archived'"
        ).scalar_one()
    assert hands == 2  # or the test would have shown nothing


def test_a_lot_uploaded_by_four_clients_at_once_is_there_once(site):
    files = [str(file) for file in site.write(lot(8))]
    house().prepare()
    clients = [site.start("client", "lo-1", *files) for _ in range(4)]
    worker = site.start("worker", "lo-1") if clients else None
    for client in clients:
        site.finish(client)
    site.finish(worker)
    site.work()
    assert site.violations() == []
    assert [row["state"] for row in listed()] == [PaperState.ARCHIVED] * 8
    with house().registry.read() as db:
        rows = uploads.uploads_of(db, None, "lo-1")
    assert [row["duplicate"] for row in rows] == [False] * 8
