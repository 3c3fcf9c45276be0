"""Which engine reads is a name: ours, or another's class."""

import io

import pytest
from PIL import Image
from pydantic import ValidationError

from benchmarks.recorded import number_on, scan_of
from domain.errors import ConfigurationFault
from reading.engines import engine
from reading.settings import ReadingSettings


class Foreign:
    """An engine of somebody else."""

    def __init__(self, settings):
        self.settings = settings


def test_another_engine_is_named_by_module_and_class():
    settings = ReadingSettings(engine=f"{__name__}:Foreign")
    assert isinstance(engine(settings), Foreign)
    assert engine(settings).settings == settings


@pytest.mark.parametrize("name", ["reading.engines:Missing", "no.such_module:Engine"])
def test_an_engine_that_is_not_there_is_told_to_the_administrator(name):
    with pytest.raises(ConfigurationFault, match="SOHOA_OCR_ENGINE"):
        engine(ReadingSettings(engine=name))


@pytest.mark.parametrize("name", ["tesseract", "a b:C", "os.system('x'):Y"])
def test_a_name_of_no_engine_is_refused(name):
    with pytest.raises(ValidationError):
        ReadingSettings(engine=name)


@pytest.mark.parametrize("number", [0, 1, 12_345, 2**20 - 1])
def test_a_scan_of_the_load_tests_shows_its_number_at_any_size(number):
    page = Image.open(io.BytesIO(scan_of(number)))
    twice = page.resize((page.width * 2, page.height * 2))
    assert (number_on(page), number_on(twice)) == (number, number)
