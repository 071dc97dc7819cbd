"""`mulin import cases`: rows of another system become cases with their history, once each."""

import csv
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection

from mulin.commands.seed import seed_reference
from mulin.core.clocks.kinds import ClockKind
from mulin.core.models import OutboxMessage
from mulin.core.tables import read_table, write_table
from mulin.domains.cases.models import Case, Channel, Rating
from mulin.domains.cases.queries import history
from mulin.domains.duty.models import Tenure
from tests.factories import COMMUNITY_CODE, NOW, make_town

SHANGHAI = ZoneInfo("Asia/Shanghai")
COLUMNS = ["留言编号", "标题", "内容", "时间", "答复", "答复时间", "地址", "电话"]
ANSWERED = [
    "101",
    "路灯",
    "小区门口路灯不亮，晚上很黑",
    "2019-04-25 09:32:09",
    "已经更换灯泡",
    "2019/5/10 14:56",
    "",
    "",
]
OPEN = ["102", "", "楼上漏水，天花板都湿了", "2026-03-03 20:00", "", "", "测试路1号1栋", "13912345678"]


def table_of(path, *rows, columns=COLUMNS):
    write_table(path, columns, rows)
    return path


def imported():
    return Case.objects.filter(channel=Channel.IMPORT).order_by("pk")


def test_an_answered_row_is_a_case_with_its_times_and_rules_of_then(town, run, tmp_path):
    result = run("import", "cases", table_of(tmp_path / "in.csv", ANSWERED), "--desk", COMMUNITY_CODE)
    assert result.exit_code == 0, result.output
    case = imported().get()
    assert case.text == "路灯\n小区门口路灯不亮，晚上很黑"
    assert (case.status, case.result_text) == ("LAPSED", "已经更换灯泡")
    assert case.reported_at == datetime(2019, 4, 25, 9, 32, 9, tzinfo=SHANGHAI)
    assert case.first_contact_at == case.resolved_at == datetime(2019, 5, 10, 14, 56, tzinfo=SHANGHAI)
    assert case.category.name_zh == "路灯照明"
    assert (case.rule.resolve_clock, case.rule.resolve_amount) == (ClockKind.WORKING_DAYS.name, 2)
    # Thursday 2019-04-25: Friday is one working day, Sunday 28 April was worked for the May holiday.
    assert case.resolve_due_at.astimezone(SHANGHAI).date().isoformat() == "2019-04-28"
    assert case.area_code == COMMUNITY_CODE
    assert case.holder_tenure_id is not None or case.holder_organisation_id is not None
    steps = list(history.steps_of(case).values_list("move", "actor__username"))
    assert [move for move, _ in steps] == ["report", "dispatch", "accept", "contact", "resolve", "lapse"]
    assert {actor for move, actor in steps if move in ("accept", "contact", "resolve")} == {"mulin-import"}
    assert list(history.faults()) == []


def test_history_is_told_to_nobody_and_an_open_case_to_its_holder_once(town, run, tmp_path):
    run("import", "cases", table_of(tmp_path / "in.csv", ANSWERED, OPEN), "--desk", COMMUNITY_CODE)
    waiting = imported().get(status="DISPATCHED")
    told = OutboxMessage.objects.filter(event="cases.moved")
    assert [(m.payload["case_id"], m.payload["move"]) for m in told] == [(waiting.pk, "dispatch")]
    assert waiting.accept_due_at > datetime.now(SHANGHAI)
    assert waiting.building_id == town.buildings[0].pk
    assert waiting.reporters.get().phone == "13912345678"


def test_again_imports_nothing_and_more_rows_only_those(town, run, tmp_path):
    path = tmp_path / "in.xlsx"
    run("import", "cases", table_of(path, ANSWERED), "--desk", COMMUNITY_CODE)
    again = run("import", "cases", path, "--desk", COMMUNITY_CODE)
    assert (again.exit_code, imported().count()) == (0, 1)
    more = run("import", "cases", table_of(path, ANSWERED, OPEN), "--desk", COMMUNITY_CODE)
    assert (more.exit_code, imported().count()) == (0, 2)


def test_bad_rows_are_told_with_line_and_reason_and_can_be_mended(town, run, tmp_path):
    bad = [
        ["1", "", "", "2019-04-25", "", "", "", ""],
        ["2", "", "没有时间", "", "", "", "", ""],
        ["3", "", "时间不对", "去年冬天", "", "", "", ""],
        ["4", "", "来自未来", "2099-01-01 00:00", "", "", "", ""],
        ["5", "", "答复更早", "2019-04-25", "好", "2019-04-24", "", ""],
        ["6", "", "没有答复时间", "2019-04-25", "好", "", "", ""],
        ["101", "", "编号用过了", "2019-04-25", "", "", "", ""],
        ["8", "", "比分类目录更早", "2009-12-31", "", "", "", ""],
        ["9", "", "=cmd|' /C calc'!A1", "2019-02-30", "", "", "", ""],
    ]
    path, errors = table_of(tmp_path / "in.csv", ANSWERED, *bad), tmp_path / "errors.csv"
    result = run("import", "cases", path, "--desk", COMMUNITY_CODE, "--errors", errors)
    assert result.exit_code == 3
    assert imported().count() == 1
    with errors.open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    assert [(row["line"], row["code"]) for row in told] == [
        ("3", "text_missing"), ("4", "time_missing"), ("5", "time_unreadable"), ("6", "time_in_future"),
        ("7", "reply_before_report"), ("8", "reply_time_missing"), ("9", "duplicate_key"), ("10", "category_unknown"),
        ("11", "time_unreadable"),
    ]  # fmt: skip
    assert all(row["reason"] for row in told)
    assert told[-1]["内容"].startswith("'=")
    assert read_table(errors).lines[-1].cells["内容"] == bad[-1][2]
    assert errors.stat().st_mode & 0o077 == 0


def test_only_bad_rows_end_with_1_and_wrong_usage_with_2(town, run, tmp_path):
    path = table_of(tmp_path / "in.csv", ["1", "", "", "", "", "", "", ""])
    assert run("import", "cases", path, "--desk", COMMUNITY_CODE).exit_code == 1
    assert run("import", "cases", path, "--desk", "999999999999").exit_code == 2
    assert run("import", "cases", path, "--desk", COMMUNITY_CODE, "--map", "text=没有这列").exit_code == 2
    assert run("import", "cases", path, "--desk", COMMUNITY_CODE, "--map", "text=内容").exit_code == 2
    (tmp_path / "broken.xlsx").write_bytes(b"not a workbook")
    assert run("import", "cases", tmp_path / "broken.xlsx", "--desk", COMMUNITY_CODE).exit_code == 1
    assert imported().count() == 0


def test_a_dry_run_and_a_look_write_nothing(town, run, tmp_path):
    path = table_of(tmp_path / "in.csv", ANSWERED, OPEN)
    shown = run("import", "cases", path, "--show")
    assert "external_key" in shown.output
    assert "路灯" in shown.output
    tried = run("import", "cases", path, "--desk", COMMUNITY_CODE, "--dry-run")
    assert tried.exit_code == 0
    assert "可导入 2 件" in tried.output
    assert imported().count() == 0


def test_gb18030_quoted_newlines_and_long_texts_survive(town, run, tmp_path):
    path, long = tmp_path / "in.csv", "路灯" * 1500 + "\u2028末"
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(
            [["内容", "时间", "答复", "答复时间"], ["第一行\n第二行", "2019年4月25日 9时32分", "好", "2019-04-25"]]
        )
        writer.writerow([long, "2019-04-25T01:32:09Z", long, "2019-05-01"])
    result = run("import", "cases", path, "--desk", COMMUNITY_CODE)
    assert result.exit_code == 0, result.output
    first, second = imported()
    assert first.text == "第一行\n第二行"
    assert second.text == second.result_text == long
    assert {first.reported_at.minute, second.reported_at.minute} == {32}
    assert first.resolved_at == datetime(2019, 4, 25, 23, 59, 59, tzinfo=SHANGHAI)


def test_ratings_of_the_other_system_count(town, run, tmp_path):
    columns = [*COLUMNS, "是否解决", "是否满意"]
    path = table_of(tmp_path / "in.xlsx", [*ANSWERED, "部分解决", "基本满意"], columns=columns)
    assert run("import", "cases", path, "--desk", COMMUNITY_CODE).exit_code == 0
    rating = Rating.objects.get(case=imported().get())
    assert (rating.solved, rating.satisfied) == ("PARTLY", "BASICALLY")
    assert imported().get().status == "CLOSED"


def test_dates_and_day_numbers_of_a_spreadsheet_are_times_of_the_given_zone(town, run, tmp_path):
    columns = ["内容", "时间"]
    rows = [["路灯坏了", 43580.5], ["井盖坏了", datetime(2019, 4, 25, 12)]]
    path = table_of(tmp_path / "in.xlsx", *rows, columns=columns)
    arguments = ("--desk", COMMUNITY_CODE, "--time-zone", "Asia/Urumqi")
    assert run("import", "cases", path, *arguments).exit_code == 0
    noon = datetime(2019, 4, 25, 12, tzinfo=ZoneInfo("Asia/Urumqi"))
    assert [case.reported_at for case in imported()] == [noon, noon]


def test_without_a_desk_what_has_no_place_is_refused(town, run, tmp_path):
    path = table_of(tmp_path / "in.csv", ANSWERED, OPEN, [*OPEN[:-2], "火星路9号", ""][:8])
    result = run("import", "cases", path)
    assert result.exit_code == 3
    assert [case.building_id for case in imported()] == [town.buildings[0].pk]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_started_again_gives_every_row_once(tmp_path):
    seed_reference(now=NOW)
    make_town()
    rows = [[str(n), "", f"路灯{n}不亮", "2019-04-25 09:00", "已修", "2019-04-26 09:00", "", ""] for n in range(120)]
    path = table_of(tmp_path / "in.csv", *rows)
    command = [sys.executable, "-m", "mulin.commands.main", "import", "cases", str(path), "--desk", COMMUNITY_CODE]
    environment = {**os.environ, "MULIN_DATABASE_URL": database_url()}
    first = subprocess.Popen([*command, "--batch", "10"], env=environment)
    until = time.monotonic() + 60
    while imported().count() == 0 and first.poll() is None and time.monotonic() < until:
        connection.close()
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    saved = imported().count()
    assert 0 < saved < 120
    assert saved % 10 == 0
    subprocess.run([*command, "--batch", "40"], env=environment, check=True, capture_output=True)
    assert imported().count() == 120
    assert imported().values("external_key").distinct().count() == 120
    assert {case.step_count for case in imported()} == {6}
    assert list(history.faults()) == []
    assert Tenure.objects.exists()


def database_url():
    default = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{default['NAME']}"
    options = settings.DATABASES["default"]["OPTIONS"].items()
    asked = {"host": default["HOST"], **{name: value for name, value in options if isinstance(value, str)}}
    port = f":{default['PORT']}" if default["PORT"] else ""
    return f"postgresql://{default['USER']}:{default['PASSWORD']}@{port}/{default['NAME']}?{urlencode(asked)}"
