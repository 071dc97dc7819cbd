"""The files a supervisor asks for say what the classification says."""

from datetime import date

import pytest
from django.utils import translation
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from mulin.commands.main import app
from mulin.core.privacy import register
from mulin.core.privacy.classes import fields

TODAY = date(2026, 11, 22)


def test_every_personal_field_stands_in_the_register_once():
    found = [field.name for one in register.activities(on=TODAY) for field in one.fields]
    assert sorted(found) == sorted(one.name for one in fields().values() if one.sensitivity.is_personal)


def test_an_activity_has_all_that_article_56_asks_for():
    for one in register.lines(register.activities(on=TODAY)):
        assert all(one[:9]), one


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_assessment_names_every_sensitive_activity(language):
    with translation.override(language):
        found = register.activities(on=TODAY)
        text = register.assessment(found, on=TODAY, handler="汇川区")
        sensitive = [one for one in found if one.is_sensitive]
        assert sensitive
        assert all(str(one.purpose.name) in text for one in sensitive)
    assert "汇川区" in text
    assert "AES-256-GCM" in text


@pytest.mark.django_db
def test_the_files_are_written(tmp_path):
    sheet, page, assessed = tmp_path / "r.xlsx", tmp_path / "r.md", tmp_path / "a.md"
    for arguments in (["register", str(sheet)], ["register", str(page)], ["assessment", str(assessed)]):
        done = CliRunner().invoke(app, ["privacy", *arguments, "--handler", "汇川区"])
        assert done.exit_code == 0, done.output
    rows = CalamineWorkbook.from_path(str(sheet)).get_sheet_by_index(0).to_python()
    assert len(rows) == len(register.activities(on=TODAY)) + 1
    assert "reporter.phone" in page.read_text(encoding="utf-8")
    assert "汇川区" in assessed.read_text(encoding="utf-8")


@pytest.mark.django_db
def test_the_retention_commands_say_what_is_due_and_what_was_done():
    assert CliRunner().invoke(app, ["retention", "report"]).exit_code == 0
    waits = CliRunner().invoke(app, ["retention", "run", "--dry-run"])
    assert waits.exit_code == 0, waits.output
    done = CliRunner().invoke(app, ["retention", "run"])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(app, ["retention", "report"]).exit_code == 0
