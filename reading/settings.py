"""How pages are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

EngineName = Annotated[
    str, Field(pattern=r"^(auto|tesserocr|pytesseract|[a-z_][a-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*)$")
]
"""One of ours, or `module:Class` of another engine that is installed beside sohoa."""


class ReadingSettings(BaseModel):
    """Settings of recognition; resolutions in dots per inch, angles in degrees."""

    model_config = ConfigDict(frozen=True)

    engine: EngineName = "auto"
    """`auto`: in process where tesserocr and the model load, else the `tesseract` program."""
    language: str = "vie"
    tessdata: Path | None = None
    """Folder of the models; None looks in the usual places."""
    ocr_dpi: float = Field(default=300.0, gt=0)
    """Pages with more are scaled down for reading: more costs time and gains nothing."""
    min_ocr_dpi: float = Field(default=150.0, gt=0)
    """Pages with less are scaled up to `enlarged_dpi` for reading."""
    enlarged_dpi: float = Field(default=200.0, gt=0)
    """Truth pages reduced to 100 dpi: 1.9 % of characters wrong as they are, 1.5 % enlarged to
    200 dpi, and no fewer at 300 dpi, which costs more."""
    max_skew: float = Field(default=5.0, ge=0)
    min_skew: float = Field(default=0.3, ge=0)
    """Smaller skew is left alone: turning the pixels would cost more than it gains."""
    page_seconds: float = Field(default=60.0, gt=0)
