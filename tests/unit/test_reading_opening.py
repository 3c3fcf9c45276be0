"""Opening foreign bytes: by content, without loss, and with a reason when it cannot be done."""

import io

import pikepdf
import pytest
from PIL import Image, ImageCms

from domain.errors import DocumentFault
from reading.limits import Limits
from reading.opening import open_scan
from tests.unit.reading_pages import A4_AT_200, encoded, printed_page

LIMITS = Limits()


@pytest.fixture
def opened(tmp_path):
    """Opens bytes under a name that says nothing; returns the scan and its folder."""

    def do(data, limits=LIMITS):
        source = tmp_path / "upload.bin"
        source.write_bytes(data)
        folder = tmp_path / "pages"
        folder.mkdir(exist_ok=True)
        return open_scan(source, folder, limits), folder

    return do


def refused(opened, data, limits=LIMITS):
    with pytest.raises(DocumentFault) as caught:
        opened(data, limits)
    return caught.value


def pdf_bytes(pdf, **options):
    target = io.BytesIO()
    pdf.save(target, **options)
    return target.getvalue()


def scan_pdf(jpeg, content=b"q 595 0 0 842 0 0 cm /Im0 Do Q", **page_entries):
    """A PDF page of 595 x 842 points that shows a JPEG through these instructions."""
    pdf = pikepdf.new()
    with Image.open(io.BytesIO(jpeg)) as image:
        size = image.size
    picture = pikepdf.Stream(
        pdf,
        jpeg,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page = pdf.add_blank_page(page_size=(595, 842))
    page.obj.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(Im0=pdf.make_indirect(picture)),
        Font=pikepdf.Dictionary(F1=font),
    )
    page.obj.Contents = pdf.make_indirect(pikepdf.Stream(pdf, content))
    for key, value in page_entries.items():
        page.obj["/" + key] = value
    return pdf


class TestImages:
    """Image files: kept as they are where PDF can hold them, else stored without loss."""

    @pytest.mark.parametrize("mode", ["L", "RGB"])
    def test_a_jpeg_is_kept_byte_for_byte(self, opened, mode):
        """Grey and RGB JPEGs go through unchanged, with size and resolution of the paper."""
        data = encoded(printed_page(mode=mode), "JPEG")
        scan, folder = opened(data)
        page = scan.pages[0]
        assert (folder / page.image).read_bytes() == data
        assert (page.width, page.height, page.dpi) == (*A4_AT_200, 200)
        assert round(page.width_pt) == 595
        assert scan.kind == "scan"
        assert scan.media_type == "image/jpeg"

    def test_a_turned_jpeg_keeps_its_bytes_and_tells_the_turn(self, opened):
        """EXIF orientation 6 means: turn by 90 degrees clockwise to see it upright."""
        exif = Image.Exif()
        exif[0x0112] = 6
        data = encoded(printed_page(), "JPEG", exif=exif)
        scan, folder = opened(data)
        assert scan.pages[0].rotation == 90
        assert (folder / scan.pages[0].image).read_bytes() == data

    def test_a_mirrored_jpeg_is_stored_unmirrored(self, opened):
        """Mirroring cannot be told by a turn, so the pixels are decoded and mirrored back."""
        exif = Image.Exif()
        exif[0x0112] = 2
        page = printed_page()
        data = encoded(page, "JPEG", exif=exif, quality=95)
        scan, folder = opened(data)
        assert scan.pages[0].rotation == 0
        with (
            Image.open(io.BytesIO(data)) as received,
            Image.open(folder / scan.pages[0].image) as stored,
        ):
            mirrored = received.convert("L").transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            assert stored.tobytes() == mirrored.tobytes()

    @pytest.mark.parametrize("mode", ["1", "P", "RGBA", "LA", "CMYK", "I;16"])
    def test_other_pixels_become_what_pdf_can_hold(self, opened, mode):
        """Palettes, transparency, CMYK and 16 bits end as two levels, grey, palette or RGB."""
        page = printed_page()
        if mode == "I;16":
            image = page.point(lambda level: level * 257, "I").convert("I;16")
        else:
            image = page.convert(mode)
        scan, folder = opened(encoded(image, "TIFF" if mode in {"CMYK", "1"} else "PNG"))
        with Image.open(folder / scan.pages[0].image) as stored:
            assert stored.mode in {"1", "L", "P", "RGB"}
            difference = Image.eval(stored.convert("L"), int).getextrema()
            assert difference == (0, 255)

    def test_two_levels_are_stored_as_one_g4_strip_without_loss(self, opened):
        """A fax-like page comes back pixel by pixel."""
        page = printed_page(mode="1")
        scan, folder = opened(encoded(page, "TIFF", compression="group3"))
        with Image.open(folder / scan.pages[0].image) as stored:
            assert stored.info["compression"] == "group4"
            assert stored.tobytes() == page.tobytes()

    def test_every_frame_of_a_tiff_is_a_page_and_reduced_copies_are_not(self, opened):
        """Three frames make three pages in order; more than allowed is refused."""
        pages = [printed_page([f"Trang {number}"], mode="1") for number in range(3)]
        data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
        scan, _ = opened(data)
        assert [page.page for page in scan.pages] == [1, 2, 3]
        fault = refused(opened, data, Limits(max_pages_per_scan=2))
        assert fault.reason == "too_many_pages"

    @pytest.mark.parametrize("dpi", [None, (72, 72), (1, 1), (9600, 9600)])
    def test_an_absurd_resolution_is_replaced_by_that_of_a4(self, opened, dpi):
        """Cameras write 72 dpi; 1654 pixels are the width of A4 at 200 dpi."""
        target = io.BytesIO()
        printed_page().save(target, format="PNG", **({"dpi": dpi} if dpi else {}))
        scan, _ = opened(target.getvalue())
        assert scan.pages[0].dpi == pytest.approx(200, abs=1)

    def test_paper_longer_than_a_page_may_be_is_scaled_into_range(self, opened):
        """PDF/A-2 allows sides from 3 to 14400 points."""
        long = Image.new("1", (40, 12000), 1)
        scan, _ = opened(encoded(long, "PNG", dpi=(51, 51)))
        assert scan.pages[0].height_pt == pytest.approx(14400)
        assert scan.pages[0].width_pt == pytest.approx(48)

    def test_an_embedded_colour_profile_does_not_enter_the_stored_image(self, opened):
        """Colours are read by the document's own output intent."""
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        scan, folder = opened(encoded(printed_page(mode="RGBA"), "PNG", icc_profile=profile))
        with Image.open(folder / scan.pages[0].image) as stored:
            assert "icc_profile" not in stored.info


class TestRefusals:
    """What cannot be read is refused with a reason and a sentence on what to do."""

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", "empty"),
            (b"PK\x03\x04 the beginning of a ZIP", "truncated"),
            (b"plain text", "unknown_format"),
            (b"%PDF-1.7\nnothing else", "truncated"),
            (b"%PDF-1.7\ntrailer << >>\nstartxref\n5\n%%EOF", "damaged"),
        ],
    )
    def test_bytes_that_are_no_scan(self, opened, data, reason):
        """Each kind of wrong bytes has its own reason, and the message is Vietnamese."""
        fault = refused(opened, data)
        assert fault.reason == reason
        assert any(char in str(fault) for char in "ệạảếộ")

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
    def test_an_image_cut_half_way_is_truncated(self, opened, kind):
        """No grey lower half is ever archived."""
        options = {} if kind != "TIFF" else {"compression": "tiff_lzw"}
        data = encoded(printed_page(mode="RGB"), kind, **options)
        assert refused(opened, data[: len(data) // 2]).reason in {"truncated", "damaged"}
        if kind in {"JPEG", "PNG", "WEBP"}:
            assert refused(opened, data[: len(data) // 2]).reason == "truncated"

    def test_too_many_pixels_are_refused_before_decoding(self, opened):
        """The declared size counts: a bomb costs nothing."""
        data = encoded(Image.new("1", (3000, 3000)), "PNG")
        assert refused(opened, data, Limits(max_pixels_per_page=1_000_000)).reason == "too_large"
        assert refused(opened, data, Limits(max_total_pixels=1_000_000)).reason == "too_large"

    def test_too_many_bytes_are_refused(self, opened):
        """The cap on bytes comes first."""
        data = encoded(printed_page(), "PNG")
        assert refused(opened, data, Limits(max_bytes_per_scan=1000)).reason == "too_large"

    def test_a_password_is_named(self, opened):
        """The officer is told to remove it."""
        data = pdf_bytes(
            scan_pdf(encoded(printed_page(), "JPEG")),
            encryption=pikepdf.Encryption(user="bí mật", owner="khác"),
        )
        fault = refused(opened, data)
        assert fault.reason == "encrypted"
        assert "mật khẩu" in str(fault)

    def test_a_pdf_cut_half_way_is_truncated_not_repaired(self, opened):
        """A repaired file may have lost pages, so there is no repair."""
        pdf = scan_pdf(encoded(printed_page(), "JPEG"))
        for _ in range(3):
            pdf.pages.append(pdf.pages[0])
        data = pdf_bytes(pdf)
        assert refused(opened, data[: len(data) // 2]).reason == "truncated"
        assert refused(opened, data[:-400]).reason == "truncated"

    def test_a_pdf_with_a_cut_jpeg_is_refused(self, opened):
        """The page image itself is decoded in full before it is accepted."""
        jpeg = encoded(printed_page(), "JPEG")
        pdf = scan_pdf(jpeg)
        picture = pdf.pages[0].obj.Resources.XObject.Im0
        picture.write(jpeg[: len(jpeg) // 2], filter=pikepdf.Name.DCTDecode)
        assert refused(opened, pdf_bytes(pdf)).reason == "damaged"

    def test_pages_without_end_and_without_any_are_refused(self, opened):
        """More pages than allowed, and none at all."""
        pdf = pikepdf.new()
        assert refused(opened, pdf_bytes(pdf)).reason == "no_pages"
        for _ in range(4):
            pdf.add_blank_page()
        limits = Limits(max_pages_per_scan=3)
        assert refused(opened, pdf_bytes(pdf), limits).reason == "too_many_pages"

    def test_a_page_that_vanished_from_the_page_tree_is_damage(self, opened):
        """Qpdf would leave the broken page out and go on."""
        pdf = pikepdf.new()
        pdf.add_blank_page()
        pdf.add_blank_page()
        data = pdf_bytes(pdf).replace(b"/Count 2", b"/Count 3")
        assert refused(opened, data).reason == "damaged"


class TestPdf:
    """PDF pages: the image itself where the page is nothing else, a raster of the rest."""

    def test_a_page_that_is_one_jpeg_gives_its_bytes(self, opened):
        """No pixel is encoded again, whatever the page's size says about resolution."""
        jpeg = encoded(printed_page(), "JPEG")
        scan, folder = opened(pdf_bytes(scan_pdf(jpeg)))
        page = scan.pages[0]
        assert (folder / page.image).read_bytes() == jpeg
        assert page.dpi == pytest.approx(200, abs=1)
        assert (page.width_pt, page.height_pt) == (595, 842)

    def test_invisible_text_and_what_lies_below_the_image_do_not_count(self, opened):
        """A hybrid scan with an OCR layer is a scan, and its image is kept."""
        jpeg = encoded(printed_page(), "JPEG")
        content = (
            b"1 g 0 0 595 842 re f BT /F1 12 Tf 50 700 Td (below) Tj ET "
            b"q 595 0 0 842 0 0 cm /Im0 Do Q "
            b"BT 3 Tr /F1 12 Tf 50 700 Td (an invisible layer of recognised text) Tj ET"
        )
        scan, folder = opened(pdf_bytes(scan_pdf(jpeg, content)))
        assert scan.kind == "scan"
        assert scan.pages[0].words is None
        assert (folder / scan.pages[0].image).read_bytes() == jpeg

    @pytest.mark.parametrize(
        "content",
        [
            b"q 595 0 0 842 0 0 cm /Im0 Do Q BT /F1 40 Tf 50 700 Td (STAMP) Tj ET",
            b"q 595 0 0 842 0 0 cm /Im0 Do Q 0 g 50 50 300 300 re f",
            b"0 0 300 842 re W n q 595 0 0 842 0 0 cm /Im0 Do Q",
            b"q 500 0 0 700 40 40 cm /Im0 Do Q",
            b"q -595 0 0 842 595 0 cm /Im0 Do Q",
        ],
        ids=["text on top", "drawing on top", "clipped", "smaller than the page", "mirrored"],
    )
    def test_a_page_that_is_more_than_its_image_is_rasterised(self, opened, content):
        """What a person sees on the page is what is archived."""
        jpeg = encoded(printed_page(), "JPEG")
        scan, folder = opened(pdf_bytes(scan_pdf(jpeg, content)))
        assert not scan.pages[0].image.endswith(".jpg")
        assert scan.kind == "scan"
        assert (folder / scan.pages[0].image).is_file()

    @pytest.mark.parametrize(
        ("content", "entries", "turn"),
        [
            (b"q 595 0 0 842 0 0 cm /Im0 Do Q", {"Rotate": 90}, 90),
            (b"q -595 0 0 -842 595 842 cm /Im0 Do Q", {}, 180),
            (b"q -595 0 0 -842 595 842 cm /Im0 Do Q", {"Rotate": 180}, 0),
        ],
    )
    def test_turns_of_page_and_image_add_up(self, opened, content, entries, turn):
        """The image is kept and the sum of both turns is told."""
        jpeg = encoded(printed_page(), "JPEG")
        scan, _ = opened(pdf_bytes(scan_pdf(jpeg, content, **entries)))
        assert scan.pages[0].image.endswith(".jpg")
        assert scan.pages[0].rotation == turn

    def test_a_signature_decides_the_kind(self, opened):
        """A signature dictionary with a byte range anywhere makes the file untouchable."""
        pdf = scan_pdf(encoded(printed_page(), "JPEG"))
        pdf.Root.Hidden = pdf.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=[0, 1, 2, 3], Contents=b"x")
        )
        assert opened(pdf_bytes(pdf))[0].kind == "signed"

    def test_active_content_is_found_wherever_it_hides(self, opened):
        """Scripts, launch actions and attachments are named, nested ones too."""
        pdf = scan_pdf(encoded(printed_page(), "JPEG"))
        pdf.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.GoTo, Next=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=b"1")
        )
        pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array()))
        pdf.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Launch))
        scan, _ = opened(pdf_bytes(pdf))
        assert scan.active_content == ("embedded_file", "javascript", "launch")

    def test_a_pdf_that_opens_without_password_is_read(self, opened):
        """An owner password alone hides nothing; encrypted bytes are not archived as they are."""
        data = pdf_bytes(
            scan_pdf(encoded(printed_page(), "JPEG")),
            encryption=pikepdf.Encryption(user="", owner="khác"),
        )
        scan, _ = opened(data)
        assert scan.kind == "scan"
        assert scan.pages[0].image.endswith(".jpg")

    def test_visible_text_makes_a_born_digital_page_with_words(self, opened):
        """Words come with boxes where they stand, in pixels of the picture."""
        content = b"BT /F1 14 Tf 72 770 Td (One two three four five six seven) Tj ET"
        scan, _ = opened(pdf_bytes(scan_pdf(encoded(printed_page(), "JPEG"), content)))
        page = scan.pages[0]
        assert scan.kind == "born_digital"
        assert page.words is not None
        assert " ".join(word.text for word in page.words) == "One two three four five six seven"
        first = page.words[0].box
        assert first.x / page.width * 595 == pytest.approx(72, abs=2)
        assert (842 - first.bottom / page.height * 842) == pytest.approx(770, abs=3)

    def test_text_in_an_old_vietnamese_encoding_is_not_taken_for_text(self, opened):
        """VNI and TCVN3 fonts give letters that no Vietnamese word has: the page is read."""
        vni = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam Ñoäc laäp Töï do Haïnh phuùc"
        content = b"BT /F1 14 Tf 72 770 Td (" + vni.encode("cp1252") + b") Tj ET"
        pdf = scan_pdf(encoded(printed_page(), "JPEG"), content)
        pdf.pages[0].obj.Resources.Font.F1.Encoding = pikepdf.Name.WinAnsiEncoding
        assert opened(pdf_bytes(pdf))[0].pages[0].words is None
