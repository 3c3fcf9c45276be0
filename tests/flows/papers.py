"""Small scans with invented people, for tests of the line."""

import io
from functools import cache

from deployments.samples.degradation import Degradation
from deployments.samples.files import as_jpeg, as_pdf, as_png, cut_in_half, encrypted, signed
from deployments.samples.papers import UNKNOWN_KIND, Wish, draw_paper

ONE_PAGE = Wish(province="Hưng Yên", pages=1)
DPI = 200
CLEAN = Degradation(skew=0.2, noise=2.0, jpeg_quality=85, colour="grey")


@cache
def paper(kind, seed=1, **options):
    """One drawn paper: its pages and the truth of its fields."""
    return draw_paper(kind, seed=seed, dpi=DPI, degrade=CLEAN, wish=ONE_PAGE, **options)


def pdf(kind, seed=1, **options):
    """A scan PDF of one paper."""
    return as_pdf(paper(kind, seed, **options).pages, quality=85)


def jpeg(kind, seed=1):
    """A JPEG of the first page of one paper."""
    return as_jpeg(paper(kind, seed).pages[0], quality=85)


def png(kind, seed=1):
    """A PNG of the first page of one paper."""
    return as_png(paper(kind, seed).pages[0])


def truncated():
    """A scan PDF that broke off."""
    return cut_in_half(pdf("cong-van", seed=9))


def locked():
    """A scan PDF behind a password."""
    return encrypted(pdf("cong-van", seed=9), "bí-mật")


def unknown():
    """A private letter: no type of the catalogue."""
    return jpeg(UNKNOWN_KIND)


@cache  # each call would give other bytes
def signed_pdf():
    """A scan that came with somebody else's signature."""
    return signed(pdf("thong-bao", seed=3), "Cơ quan khác (mẫu)")


@cache
def final_pdf():
    """The same, but certified so that nothing may be added to it."""
    return signed(pdf("thong-bao", seed=3), "Cơ quan khác (mẫu)", final=True)


def png_bytes(size=(40, 40)):
    """A tiny white picture: too little to be a paper."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("L", size, 255).save(buffer, "PNG")
    return buffer.getvalue()
