"""What the README says is what the code does."""

import re

from typer.testing import CliRunner

from deployments.cli.main import app
from deployments.readme_tables import README, errors_table, filled, settings_table
from domain import errors
from tasks.settings import Settings

TEXT = README.read_text(encoding="utf-8")


def test_the_tables_of_settings_and_errors_are_those_of_the_code():
    assert filled(TEXT) == TEXT
    assert settings_table() in TEXT
    assert errors_table() in TEXT


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
