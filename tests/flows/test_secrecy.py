"""A secret paper stops: set aside, and nothing that was read is kept."""

from sqlalchemy import text

from deployments.samples.degradation import Degradation
from deployments.samples.files import as_pdf
from deployments.samples.papers import Wish, draw_paper
from domain.secrecy import SECRET
from tasks.house import house


def test_a_stamped_paper_is_set_aside_without_its_text(office, caplog):
    """No words in the work store, no paper, no trace of its subject in registry or log."""
    wish = Wish(province="Hưng Yên", pages=1, secrecy="TỐI MẬT")
    clean = Degradation(skew=0.2, noise=2.0, jpeg_quality=85)
    drawn = draw_paper("ke-hoach", seed=1, dpi=300, degrade=clean, wish=wish)
    summary = office.digitize({"mat.pdf": as_pdf(drawn.pages, 85)})
    assert summary.scans.set_aside == 1
    here = house()
    with here.registry.read() as db:
        row = db.execute(text("SELECT id, reason, words, message FROM scans")).one()
        assert db.execute(text("SELECT count(*) FROM papers")).scalar() == 0
    assert row.reason == SECRET
    assert row.words is None
    assert here.quarantine.info(f"{row.id}/original") is not None
    assert not list(here.settings.store("work").keys())
    assert not list(here.settings.store("archive").keys(row.id))
    assert "CẢNH BÁO" in caplog.text
    subject = drawn.truth.fields.subject
    assert subject not in caplog.text
    assert subject not in row.message
