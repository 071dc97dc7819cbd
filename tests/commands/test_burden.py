"""`mulin burden`: a file of planned indicators, forms and fields is judged row by row; exceptions are listed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mulin.core.burden.linter import Definition, Kind
from mulin.domains.cases.services import burden, emergencies

HEADER = "code,kind,name_zh,name_en,required,unit,per,basis\n"


def judged(run, tmp_path, rows, encoding="utf-8"):
    file = tmp_path / "planned.csv"
    file.write_bytes((HEADER + rows).encode(encoding))
    return run("burden", "check", file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_each_forbidden_row_is_told_with_its_article(run, tmp_path, encoding):
    rows = (
        "A1,INDICATOR,网格员打卡率,,,,,\nA2,INDICATOR,按期办结率,,,PERCENT,,\n"
        "F1,FIELD,走访照片,,必填,,,\nC1,CATEGORY,打卡机故障,,,,,\n"
    )
    told = judged(run, tmp_path, rows, encoding)
    assert told.exit_code == 1
    assert "A1" in told.output
    assert "禁止情形（二）" in told.output
    assert "F1" in told.output
    assert "A2" not in told.output
    assert "C1" not in told.output
    assert "查了 4 项，不能加的有 2 处" in told.output


def test_a_file_without_burden_passes(run, tmp_path):
    told = judged(run, tmp_path, "A2,,按期办结率,In-time rate,,PERCENT,,\n")
    assert told.exit_code == 0


@pytest.mark.parametrize("rows", ["A,SPELL,打卡率,,,,,\n", "A,INDICATOR,,,,,,\n"])
def test_a_row_that_says_nothing_is_named_by_its_line(run, tmp_path, rows):
    told = judged(run, tmp_path, rows)
    assert told.exit_code == 2
    assert "2" in told.output


@pytest.mark.parametrize("content", [b"\x00\xff\xfe", bytes(range(256)) * 50, b'"' * 200_000])
def test_what_is_no_table_is_refused_not_crashed_on(run, tmp_path, content):
    file = tmp_path / "planned.csv"
    file.write_bytes(HEADER.encode() + content)
    assert run("burden", "check", file).exit_code == 2


@pytest.mark.parametrize(("role", "sees"), [("county", True), ("community", True), ("department", False)])
def test_exceptions_are_listed_for_who_may_see_them(town, run, role, sees):
    now = timezone.now()
    county = town.users["county"]
    ends_at = now + timedelta(hours=3)
    emergency = emergencies.begin(actor=county, area=town.county, reason="暴雨", ends_at=ends_at, now=now)
    asked = Definition("S", Kind.INDICATOR, "值守签到")
    burden.allow(
        actor=county, emergency=emergency, asked=asked, reason="清点", basis="《预案》第三条", ends_at=ends_at, now=now
    )
    told = run("burden", "exceptions", "--as", town.users[role].username)
    assert told.exit_code == (0 if sees else 2)
    assert ("值守签到" in told.output) is sees
