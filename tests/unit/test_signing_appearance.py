"""What stamps say, and where they lie."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ConfigurationFault
from signing.appearance import (
    BAN_SAO_DIEN_TU,
    MOT_CUA_SCAN,
    PROFILES,
    VIETNAMESE_LETTERS,
    AppearanceProfile,
    AppearanceSettings,
    find_font,
    missing_letters,
    stamp_font,
)
from signing.fields import visible_box
from signing.geometry import POINTS_PER_MM, PageView, page_view

A4 = (0.0, 0.0, 595.28, 841.89)


def test_the_officers_stamp_names_the_copier_and_the_time():
    """TT 01/2023 Đ8.1 asks for both."""
    lines = MOT_CUA_SCAN.texts({"person": "Đỗ Thị Ngọc", "time": "2026-11-20T09:15:30+07:00"})
    assert lines == (
        "Người sao chụp: Đỗ Thị Ngọc",
        "Thời gian sao chụp: 2026-11-20T09:15:30+07:00",
    )


def test_a_line_without_its_value_is_left_out():
    """No line ends in an empty label."""
    lines = BAN_SAO_DIEN_TU.texts({"agency": "UBND phường", "time": "2026-11-20T09:15:30+07:00"})
    assert lines == ("UBND phường", "Thời gian ký: 2026-11-20T09:15:30+07:00")


def test_the_agencys_stamp_has_the_size_that_the_decree_asks_for():
    """NĐ 30/2020, Phụ lục I: 10 pt, top right."""
    assert (BAN_SAO_DIEN_TU.font_size_pt, BAN_SAO_DIEN_TU.corner) == (10, "top_right")


def test_stamps_stay_in_the_top_margin():
    """The strip is at most 16 mm high; the text of administrative papers begins at 20 mm."""
    assert all(profile.margin_mm + profile.height_mm <= 16 for profile in PROFILES.values())


def test_decomposed_letters_are_composed():
    """Names typed on some phones come as letter plus combining marks."""
    assert MOT_CUA_SCAN.texts({"person": "Nguye\u0302\u0303n"}) == ("Người sao chụp: Nguyễn",)


def test_an_unknown_value_in_a_profile_is_a_configuration_fault():
    """The message names the profile."""
    profile = AppearanceProfile(id="riêng", corner="top_left", lines=("{seal}",))
    with pytest.raises(ConfigurationFault, match="riêng"):
        profile.texts({})


@settings(deadline=None)  # the first example cuts the font
@given(st.text(max_size=60))
def test_every_drawn_letter_is_in_the_embedded_font(text):
    """PDF/A forbids the missing glyph, whatever a name holds."""
    from io import BytesIO

    from fontTools.ttLib import TTFont

    covered = TTFont(BytesIO(stamp_font()), lazy=True).getBestCmap()
    for line in MOT_CUA_SCAN.texts({"person": text}):
        assert all(ord(letter) in covered for letter in line)


def test_the_font_has_every_vietnamese_letter():
    """All 134 accented letters, upper and lower case."""
    assert missing_letters(find_font()) == ""
    assert sum(not letter.isascii() for letter in VIETNAMESE_LETTERS) == 134


def test_a_file_that_is_no_font_misses_every_letter(tmp_path):
    """A damaged font file is passed over, not fatal."""
    broken = tmp_path / "LiberationSerif-Regular.ttf"
    broken.write_bytes(b"no font")
    assert missing_letters(broken) == VIETNAMESE_LETTERS


def test_the_embedded_font_counts_in_thousandths_of_an_em():
    """PDF reads widths so; another unit spreads the letters apart."""
    from io import BytesIO

    from fontTools.ttLib import TTFont

    assert TTFont(BytesIO(stamp_font()))["head"].unitsPerEm == 1000


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("corner", ["top_left", "top_right"])
def test_a_stamp_lies_inside_the_page_at_the_visible_top(rotation, corner):
    """Seen as a viewer shows it, the stamp touches the margin of its corner."""
    view = PageView(box=(10, 20, 605, 862), rotation=rotation)
    x0, y0, x1, y1 = view.place(corner, width_mm=80, height_mm=12, margin_mm=3)
    left, bottom, right, top = view.box
    assert left < x0 < x1 < right
    assert bottom < y0 < y1 < top
    margin = 3 * POINTS_PER_MM
    to_visible_top = {0: top - y1, 90: x0 - left, 180: y0 - bottom, 270: right - x1}[rotation]
    to_visible_left = {0: x0 - left, 90: y0 - bottom, 180: right - x1, 270: top - y1}[rotation]
    assert to_visible_top == pytest.approx(margin, abs=0.1)
    if corner == "top_left":
        assert to_visible_left == pytest.approx(margin, abs=0.1)
    else:
        assert to_visible_left > margin * 2


@given(
    width=st.floats(20, 5000),
    height=st.floats(20, 5000),
    rotation=st.sampled_from([0, 90, 180, 270]),
    unit=st.floats(0.1, 10),
)
def test_two_stamps_never_overlap_nor_leave_the_page(width, height, rotation, unit):
    """On an identity card as on a poster."""
    view = PageView(box=(0, 0, width, height), rotation=rotation, unit=unit)
    boxes = [
        view.place(p.corner, width_mm=p.width_mm, height_mm=p.height_mm, margin_mm=p.margin_mm)
        for p in (MOT_CUA_SCAN, BAN_SAO_DIEN_TU)
    ]
    for x0, y0, x1, y1 in boxes:
        assert -0.02 <= x0 < x1 <= width + 0.02
        assert -0.02 <= y0 < y1 <= height + 0.02
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = boxes
    assert ax1 <= bx0 + 0.02 or bx1 <= ax0 + 0.02 or ay1 <= by0 + 0.02 or by1 <= ay0 + 0.02


def test_a_stamp_goes_where_no_older_stamp_lies():
    """Narrower first, then in the other corner at the top, and nowhere when both are taken."""
    view = PageView(box=A4)
    free = visible_box(view, BAN_SAO_DIEN_TU)
    top_right = (560.0, 800.0, 590.0, 840.0)
    top_left = (5.0, 800.0, 30.0, 840.0)
    moved = visible_box(view, BAN_SAO_DIEN_TU, [top_right])
    beside = visible_box(view, BAN_SAO_DIEN_TU, [(290.0, 800.0, 330.0, 840.0)])
    assert free is not None
    assert moved is not None
    assert beside is not None
    assert moved[0] < free[0]
    assert moved[1] == free[1]
    assert (beside[0] > 330, beside[2]) == (True, free[2])
    assert visible_box(view, BAN_SAO_DIEN_TU, [top_right, top_left]) is None


@pytest.mark.parametrize(
    ("rotation", "expected"), [(450, 90), (-90, 270), (45, 0), ("90", 0), (None, 0)]
)
def test_odd_rotations_count_modulo_a_turn_or_as_none(rotation, expected):
    """Real files hold -90, 450 and worse."""
    assert page_view(A4, rotation, 1).rotation == expected


def test_a_box_given_upside_down_is_put_right():
    """ISO 32000-1, 7.9.5 allows any two opposite corners."""
    assert page_view((595.28, 841.89, 0, 0), 0, 1).box == A4


@pytest.fixture
def seal(tmp_path):
    """A round red seal on a transparent ground."""
    from PIL import Image, ImageDraw

    file = tmp_path / "seal.png"
    picture = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((5, 5, 294, 294), outline=(200, 0, 0, 255), width=14)
    picture.save(file)
    return file


def test_the_archives_stamp_has_the_seal_at_its_real_size(seal, test_keys, tmp_path):
    """36 mm on paper are 36 mm: measured in the rendered page."""
    import numpy as np
    import pypdfium2

    from signing.demo_authority import make_demo_keys
    from signing.pdf import AGENCY_FIELD, sign_pdf
    from tests.verapdf.plain_page import write_plain_page

    keys = make_demo_keys(test_keys, agency_name="UBND", officer_name="An")
    profile = AppearanceSettings(agency="luu_tru", seal=seal, seal_width_mm=30).profile("agency")
    plain, signed = tmp_path / "plain.pdf", tmp_path / "signed.pdf"
    write_plain_page(plain)
    sign_pdf(
        plain,
        signed,
        signer=keys.agency,
        field=AGENCY_FIELD,
        profile=profile,
        values={"agency": "UBND phường Nguyễn Huệ", "time": "2026-11-20T09:15:30+07:00"},
        signed_at=datetime(2026, 11, 20, 9, 15, 30, tzinfo=UTC),
        reason="Lưu trữ",
    )
    dpi = 144
    with pypdfium2.PdfDocument(signed) as document:
        document.init_forms()
        page = document[0].render(scale=dpi / 72, may_draw_forms=True, rev_byteorder=True)
        picture = page.to_numpy().astype(int)
    red = (picture[..., 0] > 150) & (picture[..., 1] < 60) & (picture[..., 2] < 60)
    rows, columns = np.nonzero(red)
    drawn_part = (295 - 5) / 300
    for extent in (np.ptp(rows) + 1, np.ptp(columns) + 1):
        assert extent / dpi * 25.4 == pytest.approx(30 * drawn_part, abs=0.5)
    # At the outer edge, beside a title in the middle of the page and not over it.
    assert columns.min() / dpi * 25.4 > 210 - 30 - 6
    assert rows.max() < picture.shape[0] / 4


def test_a_seal_that_is_no_picture_is_a_configuration_fault(tmp_path):
    junk = tmp_path / "seal.png"
    junk.write_bytes(b"no picture")
    with pytest.raises(ConfigurationFault, match="SOHOA_APPEARANCE__SEAL"):
        AppearanceSettings(agency="luu_tru", seal=junk).profile("agency")


def test_the_qr_code_is_optional_and_the_officer_has_none():
    assert AppearanceSettings().profile("agency").qr
    assert not AppearanceSettings(qr=False).profile("agency").qr
    assert not AppearanceSettings(officer="ban_sao_dien_tu").profile("officer").qr
