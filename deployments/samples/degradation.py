"""What a scanner and a file format do to a clean page."""

from __future__ import annotations

import io
from random import Random
from typing import Literal

import numpy as np
from PIL import Image, ImageChops, ImageFilter
from pydantic import BaseModel, ConfigDict, Field

PAPER = (251, 250, 246)
_MIDDLE_GREY = 128


class Degradation(BaseModel):
    """How badly a page is scanned; the same values and seed give the same pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    skew: float = Field(default=0.0, ge=-2.0, le=2.0)
    """Degrees by which lines rise (counter-clockwise)."""
    noise: float = Field(default=4.0, ge=0, le=40)
    """Standard deviation of grey levels (0–255)."""
    shade: float = Field(default=0.08, ge=0, le=0.5)
    """The share of light that the darkest corner lacks."""
    blur: float = Field(default=0.5, ge=0, le=3)
    """Radius in pixels."""
    jpeg_quality: int = Field(default=80, ge=20, le=95)
    colour: Literal["rgb", "grey"] = "rgb"
    rotation: Literal[0, 90, 180, 270] = 0
    """Clockwise degrees by which the scan must be turned to stand upright."""

    @classmethod
    def drawn(cls, rng: Random, *, colour: Literal["rgb", "grey"] | None = None) -> Degradation:
        """The ordinary wear of an office scanner, drawn at random."""
        return cls(
            skew=round(rng.uniform(-1.3, 1.3), 2),
            noise=round(rng.uniform(2.5, 6.5), 1),
            shade=round(rng.uniform(0.03, 0.16), 3),
            blur=round(rng.uniform(0.2, 0.55), 2),
            jpeg_quality=rng.randrange(68, 88),
            colour=colour or rng.choice(("rgb", "grey")),
        )


def scanned(page: Image.Image, how: Degradation, dpi: int, rng: Random) -> Image.Image:
    """The page as a scan: RGB or grey (mode L), with `dpi` in its info.

    The JPEG artefacts are already in the pixels, whatever file they are saved to.
    """
    dice = np.random.default_rng(rng.getrandbits(64))
    tinted = _on_paper(page)
    if how.colour == "grey":
        tinted = tinted.convert("L")
    if how.skew:
        around = PAPER if tinted.mode == "RGB" else PAPER[1]
        tinted = tinted.rotate(how.skew, Image.Resampling.BILINEAR, fillcolor=around)
    if how.blur:
        tinted = tinted.filter(ImageFilter.GaussianBlur(how.blur))
    worn = _lit_and_noisy(tinted, how, dice)
    if how.rotation:
        worn = worn.rotate(how.rotation, expand=True)
    return _through_jpeg(worn, how.jpeg_quality, dpi)


def _on_paper(page: Image.Image) -> Image.Image:
    """White becomes the colour of paper, black stays."""
    levels = [level * value // 255 for level in PAPER for value in range(256)]
    return page.convert("RGB").point(levels)


def _lit_and_noisy(page: Image.Image, how: Degradation, dice: np.random.Generator) -> Image.Image:
    """Uneven light, then noise; one field for all channels, as lamp and sensor disturb them."""
    light = Image.fromarray((255 - how.shade * 255 * dice.random((5, 4))).astype(np.uint8))
    light = light.resize(page.size, Image.Resampling.BICUBIC)
    grain = dice.standard_normal((page.height, page.width), dtype=np.float32)
    grain *= how.noise
    grain += _MIDDLE_GREY
    noise = Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8))
    if page.mode == "RGB":
        light, noise = Image.merge("RGB", (light,) * 3), Image.merge("RGB", (noise,) * 3)
    return ImageChops.add(ImageChops.multiply(page, light), noise, offset=-_MIDDLE_GREY)


def _through_jpeg(image: Image.Image, quality: int, dpi: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    buffer.seek(0)
    result = Image.open(buffer)
    result.load()
    plain = Image.new(result.mode, result.size)
    plain.paste(result)
    plain.info["dpi"] = (dpi, dpi)
    return plain
