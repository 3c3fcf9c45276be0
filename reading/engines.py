"""OCR engines: one picture in, words with boxes out. Both are tesseract with the same model.

`TesserocrEngine` keeps the model in the process; `PytesseractEngine` calls the program once per
page. What differs is speed, so the same contract tests hold for both.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from domain.errors import ConfigurationFault
from reading.faults import fault
from reading.reading_order import RawWord
from reading.settings import EngineName, ReadingSettings

_USUAL_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
)
_LSTM_ONLY = 1
_AUTO_LAYOUT, _SINGLE_LINE = 3, 7
_WORD_LEVEL = "5"
_COLUMNS = (
    "level page_num block_num par_num line_num word_num left top width height conf text"
).split()


class OcrEngine(Protocol):
    """Reads one upright picture."""

    def words(self, image: Image.Image, dpi: float) -> list[RawWord]:
        """Words in the engine's own order; boxes in pixels of `image`, confidence 0–1.

        Raises DocumentFault `timeout` when the page takes longer than the engine was given.
        """

    def line(self, image: Image.Image, dpi: float) -> list[RawWord]:
        """Words of a picture that holds one printed line; otherwise as `words`."""


def tessdata_folder(settings: ReadingSettings) -> Path:
    """The folder that holds the model of `settings.language`.

    Raises ConfigurationFault naming the package to install.
    """
    places = [settings.tessdata] if settings.tessdata else _usual_folders()
    for place in places:
        if (place / f"{settings.language}.traineddata").is_file():
            return place
    raise ConfigurationFault(
        f"Không thấy mô hình nhận dạng «{settings.language}»: cài gói tesseract-ocr-vie "
        "hoặc đặt SOHOA_TESSDATA trỏ tới thư mục chứa vie.traineddata."
    )


def _usual_folders() -> list[Path]:
    inherited = os.environ.get("TESSDATA_PREFIX")
    return [Path(place) for place in (inherited, *_USUAL_FOLDERS) if place]


class TesserocrEngine:
    """Tesseract inside this process: the model is loaded once, pixels are handed over directly."""

    def __init__(self, settings: ReadingSettings) -> None:
        import tesserocr

        folder = tessdata_folder(settings)
        try:
            self._api: Any = tesserocr.PyTessBaseAPI(
                path=str(folder),
                lang=settings.language,
                psm=_AUTO_LAYOUT,
                oem=_LSTM_ONLY,
            )
        except RuntimeError as error:
            raise ConfigurationFault(
                f"Mô hình «{settings.language}» trong {folder} không nạp được: cài lại gói "
                "tesseract-ocr-vie."
            ) from error
        self._milliseconds = int(settings.page_seconds * 1000)

    def words(self, image: Image.Image, dpi: float) -> list[RawWord]:
        """See `OcrEngine.words`."""
        return self._recognise(image, dpi, _AUTO_LAYOUT)

    def line(self, image: Image.Image, dpi: float) -> list[RawWord]:
        """See `OcrEngine.line`."""
        return self._recognise(image, dpi, _SINGLE_LINE)

    def _recognise(self, image: Image.Image, dpi: float, layout: int) -> list[RawWord]:
        grey = image.convert("L")
        self._api.SetPageSegMode(layout)
        self._api.SetImageBytes(grey.tobytes(), grey.width, grey.height, 1, grey.width)
        self._api.SetSourceResolution(round(dpi))
        try:
            if not self._api.Recognize(self._milliseconds):
                raise fault("timeout")
            table = self._api.GetTSVText(0)
        finally:
            self._api.Clear()
        return list(_words(table))


class PytesseractEngine:
    """The `tesseract` program, called once per page on a file."""

    def __init__(self, settings: ReadingSettings) -> None:
        self._settings = settings
        self._folder = tessdata_folder(settings)

    def words(self, image: Image.Image, dpi: float) -> list[RawWord]:
        """See `OcrEngine.words`."""
        return self._recognise(image, dpi, _AUTO_LAYOUT)

    def line(self, image: Image.Image, dpi: float) -> list[RawWord]:
        """See `OcrEngine.line`."""
        return self._recognise(image, dpi, _SINGLE_LINE)

    def _recognise(self, image: Image.Image, dpi: float, layout: int) -> list[RawWord]:
        import pytesseract

        os.environ["OMP_THREAD_LIMIT"] = "1"
        with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
            page = Path(folder) / "page.pgm"
            image.convert("L").save(page)
            try:
                table = pytesseract.image_to_data(
                    str(page),
                    lang=self._settings.language,
                    config=(
                        f'--tessdata-dir "{self._folder}" --dpi {round(dpi)} '
                        f"--oem {_LSTM_ONLY} --psm {layout}"
                    ),
                    timeout=self._settings.page_seconds,
                )
            except pytesseract.TesseractNotFoundError as error:
                raise ConfigurationFault(
                    "Không thấy chương trình tesseract: cài gói tesseract-ocr."
                ) from error
            except pytesseract.TesseractError as error:
                raise fault("crashed") from error
            except RuntimeError as error:
                raise fault("timeout") from error
        return list(_words(table))


def _words(table: str) -> Iterator[RawWord]:
    """Words of tesseract's TSV, with lines numbered in its order."""
    numbers: dict[tuple[str, ...], int] = {}
    rows = csv.DictReader(
        table.splitlines(), fieldnames=_COLUMNS, delimiter="\t", quoting=csv.QUOTE_NONE
    )
    for row in rows:
        text = (row["text"] or "").strip()
        if row["level"] != _WORD_LEVEL or not text:
            continue
        line = tuple(row[name] for name in ("page_num", "block_num", "par_num", "line_num"))
        yield RawWord(
            text=text,
            x=int(row["left"]),
            y=int(row["top"]),
            width=int(row["width"]),
            height=int(row["height"]),
            confidence=min(max(float(row["conf"]) / 100, 0.0), 1.0),
            line=numbers.setdefault(line, len(numbers)),
        )


EngineMaker = Callable[[ReadingSettings], OcrEngine]
ENGINES: dict[str, EngineMaker] = {
    "tesserocr": TesserocrEngine,
    "pytesseract": PytesseractEngine,
}


@cache
def engine(settings: ReadingSettings) -> OcrEngine:
    """The engine that the settings name, made once per process.

    `auto` is the engine in this process where its library is installed, else the program.
    """
    if settings.engine != "auto":
        return _maker(settings.engine)(settings)
    try:
        return TesserocrEngine(settings)
    except ImportError:
        return PytesseractEngine(settings)


def _maker(name: EngineName) -> EngineMaker:
    if name in ENGINES:
        return ENGINES[name]
    module, _, made_by = name.partition(":")
    try:
        found: EngineMaker = getattr(import_module(module), made_by)
    except (ImportError, AttributeError) as error:
        raise ConfigurationFault(
            f"Không nạp được bộ nhận dạng «{name}» ({error}): cài gói của nó, hoặc đặt "
            "SOHOA_OCR_ENGINE là auto."
        ) from error
    return found
