"""What pen and stamp leave on a paper: digits by hand, signature, red round seal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from deployments.samples.fonts import Style, font_file

Point = tuple[float, float]
Colour = tuple[int, int, int]

BLUE_INK: Colour = (34, 52, 150)
BLACK_INK: Colour = (30, 30, 36)
SEAL_RED: Colour = (206, 44, 56)

# Strokes of the ten digits, parted by bars, in hundredths of the digit's height: x to the
# right, y upwards from the baseline.
_DIGITS = {
    "0": "35,98 8,75 5,30 28,0 52,28 53,72 33,97",
    "1": "12,72 36,98 33,50 30,0",
    "2": "8,75 20,97 46,92 48,65 25,30 4,3 30,6 56,2",
    "3": "10,85 32,98 50,80 38,58 22,52 46,44 52,20 30,0 6,12",
    "4": "30,98 16,62 4,34 30,32 58,36 | 42,62 40,30 36,-5",
    "5": "18,95 13,60 34,60 50,36 40,8 20,0 4,12 | 18,95 36,93 54,97",
    "6": "44,97 20,72 6,36 14,5 36,0 50,20 40,42 20,40 8,24",
    "7": "6,90 30,94 54,92 40,50 24,0 | 18,48 32,50 48,49",
    "8": "44,86 26,98 10,80 26,58 46,34 42,6 20,0 6,20 20,46 42,66 46,86",
    "9": "48,80 28,97 8,78 18,54 40,58 50,82 46,40 34,0",
}


def _strokes(digit: str) -> list[list[Point]]:
    """The strokes of a digit of height 1."""
    return [
        [(int(x) / 100, int(y) / 100) for x, y in (point.split(",") for point in stroke.split())]
        for stroke in _DIGITS[digit].split("|")
    ]


def _smooth(points: Sequence[Point], steps: int = 12) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    padded = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            curve.append(
                (
                    _spline(a[0], b[0], c[0], d[0], t),
                    _spline(a[1], b[1], c[1], d[1], t),
                )
            )
    return [*curve, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


def _stroke(
    pen: ImageDraw.ImageDraw, curve: Sequence[Point], width: float, ink: Colour, rng: Random
) -> None:
    """A line as a ball pen draws it: round, and thicker where the hand presses."""
    phase = rng.uniform(0, math.tau)
    for number, (x, y) in enumerate(curve):
        radius = width * (0.5 + 0.12 * math.sin(phase + number / 9))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
        if number:
            pen.line([curve[number - 1], (x, y)], fill=ink, width=max(1, round(2 * radius)))


def write_digits(
    page: Image.Image, text: str, left: float, baseline: float, size: float, *, rng: Random
) -> None:
    """Write digits by hand, larger than print of `size` pixels and off its baseline."""
    ink = rng.choice((BLUE_INK, BLACK_INK))
    pen = ImageDraw.Draw(page)
    height = size * rng.uniform(0.95, 1.2)
    slant = rng.uniform(0.05, 0.25)
    for number, digit in enumerate(text):
        drop = rng.uniform(-0.12, 0.1) * size
        x0 = left + number * 0.6 * size + rng.uniform(-0.03, 0.05) * size
        for stroke in _strokes(digit):
            points = [
                (
                    x0 + (x + slant * y + rng.gauss(0, 0.02)) * height * 0.82,
                    baseline + drop - (y + rng.gauss(0, 0.02)) * height,
                )
                for x, y in stroke
            ]
            _stroke(pen, _smooth(points), size * 0.075, ink, rng)


def sign(page: Image.Image, centre: Point, width: float, rng: Random) -> None:
    """A flowing signature about `width` pixels wide around `centre`."""
    height = width * 0.36
    ink = rng.choice((BLUE_INK, BLUE_INK, BLACK_INK))
    points: list[Point] = []
    x = centre[0] - width / 2
    for number in range(rng.randrange(7, 10)):
        reach = height * rng.uniform(0.3, 0.9) * (1 if number % 2 else -1)
        points.append((x, centre[1] + reach * (1.0 if number < 4 else 0.5)))
        x += width / 8 * rng.uniform(-0.35, 1.7)
    points.append((centre[0] + width / 2, centre[1] - height * rng.uniform(0.1, 0.5)))
    _stroke(ImageDraw.Draw(page), _smooth(points, 24), width * 0.014, ink, rng)


@lru_cache(maxsize=16)
def _seal_stencil(around: str, inside: str, diameter: int) -> Image.Image:
    """The seal's face as a mask: two rings, text around, a star over the agency's name."""
    mask = Image.new("L", (diameter, diameter), 0)
    pen = ImageDraw.Draw(mask)
    middle = diameter / 2
    for radius, share in ((0.49, 0.018), (0.45, 0.008), (0.29, 0.008)):
        box = [middle - radius * diameter, middle + radius * diameter]
        pen.ellipse(
            (box[0], box[0], box[1], box[1]), outline=255, width=max(1, round(share * diameter))
        )
    _text_on_circle(mask, around, 0.37 * diameter, round(0.1 * diameter))
    _star(pen, (middle, middle - 0.1 * diameter), 0.08 * diameter)
    small = _font(round(0.07 * diameter))
    for number, line in enumerate(inside.split("\n")):
        pen.text(
            (middle, middle + (0.04 + 0.08 * number) * diameter),
            line,
            font=small,
            fill=255,
            anchor="mm",
        )
    return mask


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file(Style.BOLD)), size)


def _star(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    corners = []
    for number in range(10):
        reach = radius if number % 2 == 0 else radius * 0.4
        angle = math.pi * number / 5 - math.pi / 2
        corners.append((centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle)))
    pen.polygon(corners, fill=255)


def _text_on_circle(mask: Image.Image, text: str, radius: float, size: int) -> None:
    """Letters around the ring, from lower left over the top to lower right."""
    face = _font(size)
    advance = [face.getlength(letter) + size * 0.06 for letter in text]
    span = min(sum(advance) / radius, math.radians(290))
    angle = -span / 2
    middle = mask.width / 2
    for letter, width in zip(text, advance, strict=True):
        step = span * width / sum(advance)
        at = angle + step / 2
        tile = Image.new("L", (size * 2, size * 2), 0)
        ImageDraw.Draw(tile).text((size, size), letter, font=face, fill=255, anchor="mm")
        turned = tile.rotate(-math.degrees(at), Image.Resampling.BICUBIC)
        corner = (
            round(middle + radius * math.sin(at) - size),
            round(middle - radius * math.cos(at) - size),
        )
        mask.paste(255, (*corner, corner[0] + size * 2, corner[1] + size * 2), turned)
        angle += step


def secrecy_stamp(
    page: Image.Image, centre: Point, height: float, word: str, *, rng: Random, framed: bool = True
) -> None:
    """Press a mark of secrecy (dấu độ mật: MẬT, TỐI MẬT, TUYỆT MẬT), letters `height` high.

    Red as a rule; a copy of a copy shows it black. Some that lost their frame are in use.
    """
    face = _font(round(height * 1.35))
    left, top, right, bottom = face.getbbox(word)
    margin = round(height * 0.45)
    size = (round(right - left) + 2 * margin, round(bottom - top) + 2 * margin)
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    pen.text((margin - left, margin - top), word, font=face, fill=255)
    edge = max(2, round(height * 0.09))
    if framed:
        pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=255, width=edge)
    mask = mask.rotate(rng.uniform(-3, 3), Image.Resampling.BICUBIC, expand=True)
    colour = SEAL_RED if rng.random() < 0.8 else BLACK_INK
    _press(page, mask.filter(ImageFilter.GaussianBlur(0.5)), centre, colour)


def incoming_stamp(
    page: Image.Image, centre: Point, width: float, number: str, day: str, *, rng: Random
) -> None:
    """Press the stamp of who received the paper (dấu đến): a number and a day of their own.

    NĐ 30/2020/NĐ-CP Phụ lục IV; red or blue, black on a copy.
    """
    size = (round(width), round(width * 0.52))
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    face = ImageFont.truetype(str(font_file(Style.REGULAR)), round(width * 0.105))
    for row, text in enumerate(("ĐẾN", f"Số: {number}", f"Ngày: {day}", "Chuyển: ...........")):
        at = (round(0.06 * width), round((0.03 + 0.12 * row) * width))
        pen.text(at, text, font=face, fill=255)
    pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=255, width=max(2, round(width * 0.012)))
    mask = mask.rotate(rng.uniform(-2, 2), Image.Resampling.BICUBIC, expand=True)
    colour = rng.choice((SEAL_RED, BLUE_INK, BLACK_INK))
    _press(page, mask.filter(ImageFilter.GaussianBlur(0.5)), centre, colour)


def _press(page: Image.Image, face: Image.Image, centre: Point, colour: Colour) -> None:
    """What lies beneath shines through."""
    ink = Image.composite(
        Image.new("RGB", face.size, colour), Image.new("RGB", face.size, "white"), face
    )
    corner = (round(centre[0] - face.width / 2), round(centre[1] - face.height / 2))
    beneath = page.crop((*corner, corner[0] + ink.width, corner[1] + ink.height))
    page.paste(ImageChops.multiply(beneath, ink), corner)


def stamp(
    page: Image.Image, centre: Point, diameter: float, around: str, inside: str, *, rng: Random
) -> None:
    """Press a red round seal; what lies beneath shines through, the ink is uneven."""
    face = _seal_stencil(around, inside, round(diameter)).rotate(
        rng.uniform(-14, 14), Image.Resampling.BICUBIC
    )
    grain = Image.frombytes("L", (24, 24), rng.randbytes(24 * 24))
    grain = grain.resize(face.size, Image.Resampling.BICUBIC).point(lambda v: 150 + v * 2 // 5)
    face = ImageChops.multiply(face, grain).filter(ImageFilter.GaussianBlur(0.6))
    ink = Image.composite(
        Image.new("RGB", face.size, SEAL_RED), Image.new("RGB", face.size, "white"), face
    )
    corner = (round(centre[0] - diameter / 2), round(centre[1] - diameter / 2))
    beneath = page.crop((*corner, corner[0] + ink.width, corner[1] + ink.height))
    page.paste(ImageChops.multiply(beneath, ink), corner)
