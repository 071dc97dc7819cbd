"""`mulin calendar`: what it prints, changes and refuses."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mulin.commands.calendar import app
from mulin.core import versions
from mulin.core.calendar_models import CalendarDay, CalendarYear
from mulin.core.calendar_services import work_calendar

pytestmark = pytest.mark.django_db


def mulin_calendar(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def _seeded() -> None:
    versions.forget_all()
    assert mulin_calendar("seed", "2026").output == "新增 1 年，保留 0 年。\n"


def test_show_lists_the_special_days() -> None:
    shown = mulin_calendar("show", "2026")
    assert shown.exit_code == 0
    assert "248 个工作日" in shown.output
    assert "9月20日(周日)" in shown.output
    assert "2004-01-01: 09:00–12:00、13:30–17:30" in shown.output


def test_explain_ends_with_the_deadline() -> None:
    told = mulin_calendar("explain", "2026-09-24 10:00", "--allow", "1 工作日")
    assert told.output.splitlines()[-1] == "2026年9月28日(周一) 17:30 满 1 个工作日，为截止时间。"


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "2027"),
        ("seed", "2027"),
        ("explain", "2026-12-31 10:00", "--allow", "1 工作日"),
        ("explain", "2026-12-01 10:00", "--allow", "1 天"),
        ("set", "2026-11-02", "--off"),
        ("set", "2027-01-01", "--off", "--name", "元旦"),
        ("hours", "2026-06-01", "9:00-8:00"),
        ("hours", "2026-06-01", "nine"),
        ("import", "2027", __file__),
    ],
)
def test_a_refusal_ends_with_one_says_what_to_do_and_changes_nothing(arguments: tuple[str, ...]) -> None:
    before = work_calendar()
    refused = mulin_calendar(*arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert len(refused.stderr.splitlines()) >= 2
    versions.forget_all()
    assert work_calendar() == before


@pytest.mark.parametrize(
    "arguments", [("show", "0"), ("set", "yesterday", "--off"), ("import", "2027", "/no/file.csv")]
)
def test_wrong_usage_ends_with_two(arguments: tuple[str, ...]) -> None:
    assert mulin_calendar(*arguments).exit_code == 2


def test_set_and_hours_change_the_calendar() -> None:
    assert mulin_calendar("set", "2026-11-02", "--off", "--name", "抗洪").exit_code == 0
    assert mulin_calendar("hours", "2026-06-01", "9:00-12:00", "14:30-18:00").exit_code == 0
    known = work_calendar()
    assert not known.is_working(date(2026, 11, 2))
    assert known.hours[-1].periods == ((540, 720), (870, 1080))
    assert "2026-06-01: 09:00–12:00、14:30–18:00" in mulin_calendar("show", "2026").output


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_import_reads_what_spreadsheets_write(tmp_path: Path, encoding: str) -> None:
    notice = tmp_path / "2027.csv"
    notice.write_text("date,status,name_zh,name_en\n2027-01-01,休,元旦,New Year's Day\n", encoding=encoding)
    assert mulin_calendar("import", "2027", notice).output == "2027 年已导入，共 1 天。\n"
    assert CalendarDay.objects.get(date=date(2027, 1, 1)).name_zh == "元旦"
    assert CalendarYear.objects.get(year=2027).source == "2027.csv"


def test_bad_rows_are_named_by_line(tmp_path: Path) -> None:
    notice = tmp_path / "2027.csv"
    notice.write_text("date,status,name_zh\n2027-01-01,休,元旦\n2027-02-30,休,春节\n")
    refused = mulin_calendar("import", "2027", notice)
    assert "3: 日期“2027-02-30”应写成 2027-01-01" in refused.stderr
    assert not CalendarYear.objects.filter(year=2027).exists()
