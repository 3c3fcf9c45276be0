"""What the README says is what the code does."""

import re

from typer.testing import CliRunner

from deployments.cli.main import app
from deployments.readme_tables import (
    OPERATIONS,
    README,
    alarms_table,
    errors_table,
    filled,
    parts_table,
    settings_table,
)
from domain import errors
from domain.alarms import ALARMS
from tasks.settings import Settings

PACKAGES = "domain catalogues storage signing reading tasks flows deployments".split()
TEXT = README.read_text(encoding="utf-8")


def test_the_tables_of_settings_and_errors_are_those_of_the_code():
    assert filled(TEXT) == TEXT
    assert settings_table() in TEXT
    assert errors_table() in TEXT


def test_the_handbook_names_every_alarm_and_every_part_with_its_remedy():
    """And no alarm is sounded that is not in the catalogue of alarms."""
    handbook = OPERATIONS.read_text(encoding="utf-8")
    assert filled(handbook) == handbook
    assert alarms_table() in handbook
    assert parts_table() in handbook
    sources = [file for part in PACKAGES for file in (README.parent / part).rglob("*.py")]
    named = {
        name
        for file in sources
        for name in re.findall(r"sohoa\.alarm\.[a-z-]+", file.read_text(encoding="utf-8"))
    }
    assert named == {alarm.event for alarm in ALARMS}


def test_every_setting_says_what_it_means():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_error_family_stands_in_the_table():
    families = {
        kind.__name__
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.SohoaError)
    } - {"SohoaError"}
    assert families == set(re.findall(r"\| `(\w+)` \|", errors_table()))


def test_every_command_of_the_readme_exists():
    commands = set(re.findall(r"^\s*(?:\$ )?sohoa ([a-z]+)", TEXT, re.MULTILINE))
    assert commands
    for command in commands:
        result = CliRunner().invoke(app, [command, "--help"])
        assert result.exit_code == 0, command


def test_every_make_target_of_the_readme_exists():
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z-]+)`", TEXT)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
