"""Boundaries of the clocks, by hand: weeks, make-up Sundays, golden weeks, midnight, pauses."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from mulin.core.clocks import (
    SHANGHAI,
    Allowance,
    AllowanceInvalid,
    CalendarYearMissing,
    ClockKind,
    DayRule,
    StepCode,
    WorkCalendar,
    WorkingHours,
    WorkingHoursMissing,
    deadline,
    elapsed,
    parse_allowance,
    remaining,
)
from mulin.core.clocks.sentences import allowance_text, amount_text, sentences
from tests.core.calendars import CALENDAR


def at(written: str) -> datetime:
    return datetime.strptime(written, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def due(start: str, allowance: str, *pauses: tuple[str, str | None]) -> str | None:
    spans = [(at(begin), None if end is None else at(end)) for begin, end in pauses]
    found = deadline(at(start), parse_allowance(allowance), CALENDAR, spans).due_at
    return None if found is None else found.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "allowance", "expected"),
    [
        # 2026-09-18 is a Friday; Sunday the 20th is worked; 25–27 and 1–7 October are off.
        ("2026-09-18 17:29", "1 工作时", "2026-09-20 09:59"),
        ("2026-09-18 17:30", "1 工作时", "2026-09-20 10:00"),
        ("2026-09-18 17:29", "1 工作分钟", "2026-09-18 17:30"),
        ("2026-09-21 11:30", "1 工作时", "2026-09-21 14:00"),
        ("2026-09-21 12:15", "1 工作分钟", "2026-09-21 13:31"),
        ("2026-09-21 11:00", "1 工作时", "2026-09-21 12:00"),
        ("2026-09-21 09:00", "7 工作时", "2026-09-21 17:30"),
        ("2026-09-21 00:00", "7 工作时", "2026-09-21 17:30"),
        ("2026-09-30 17:00", "1 工作时", "2026-10-08 09:30"),
        ("2026-09-18 00:00", "1 工作日", "2026-09-20 17:30"),
        ("2026-09-18 23:59", "1 工作日", "2026-09-20 17:30"),
        ("2026-09-19 00:00", "1 工作日", "2026-09-20 17:30"),
        ("2026-09-20 09:00", "1 工作日", "2026-09-21 17:30"),
        ("2026-09-24 10:00", "1 工作日", "2026-09-28 17:30"),
        ("2026-09-30 10:00", "3 工作日", "2026-10-10 17:30"),
        ("2026-09-30 10:00", "4 工作日", "2026-10-12 17:30"),
        ("2026-02-13 10:00", "2 工作日", "2026-02-24 17:30"),
        ("2025-12-31 10:00", "1 工作日", "2026-01-04 17:30"),
        ("2026-10-01 23:30", "2 紧急工作时", "2026-10-02 01:30"),
        ("2026-12-31 23:30", "2 紧急工作时", "2027-01-01 01:30"),
    ],
)
def test_deadline(start: str, allowance: str, expected: str) -> None:
    assert due(start, allowance) == expected


@pytest.mark.parametrize(
    ("start", "allowance", "pauses", "expected"),
    [
        # Paused at the close of Monday: Monday does not count.
        ("2026-09-18 10:00", "2 工作日", [("2026-09-21 10:00", "2026-09-21 18:00")], "2026-09-22 17:30"),
        ("2026-09-18 10:00", "2 工作日", [("2026-09-21 10:00", "2026-09-21 17:29")], "2026-09-21 17:30"),
        # Resumed on the very minute of the close: it counts. Paused on it: it does not.
        ("2026-09-18 10:00", "2 工作日", [("2026-09-21 10:00", "2026-09-21 17:30")], "2026-09-21 17:30"),
        ("2026-09-18 10:00", "2 工作日", [("2026-09-21 17:30", "2026-09-21 17:31")], "2026-09-22 17:30"),
        # A pause across the National Day week costs only the working days in it.
        ("2026-09-29 10:00", "2 工作日", [("2026-09-30 09:00", "2026-10-08 09:00")], "2026-10-09 17:30"),
        ("2026-09-30 16:30", "2 工作时", [("2026-09-30 17:00", "2026-10-08 10:00")], "2026-10-08 11:30"),
        # Resumed in the same minute, and a pause without length: nothing happens.
        ("2026-09-21 09:00", "1 工作时", [("2026-09-21 09:30", "2026-09-21 09:30")], "2026-09-21 10:00"),
        ("2026-09-21 09:00", "2 紧急工作时", [("2026-09-21 09:30", "2026-09-21 09:31")], "2026-09-21 11:01"),
        # Overlapping, touching and unordered pauses count once.
        (
            "2026-09-21 09:00",
            "2 紧急工作时",
            [("2026-09-21 10:00", "2026-09-21 11:00"), ("2026-09-21 09:30", "2026-09-21 10:30")],
            "2026-09-21 12:30",
        ),
        (
            "2026-09-21 09:00",
            "2 紧急工作时",
            [("2026-09-21 09:30", "2026-09-21 10:00"), ("2026-09-21 10:00", "2026-09-21 10:30")],
            "2026-09-21 12:00",
        ),
        # A pause before the start costs only what reaches into the clock's time.
        ("2026-09-21 09:00", "1 工作时", [("2026-09-20 09:00", "2026-09-21 09:10")], "2026-09-21 10:10"),
        ("2026-09-21 09:00", "1 工作时", [("2026-09-20 09:00", "2026-09-20 10:00")], "2026-09-21 10:00"),
        # A pause that begins when the time is used up comes too late.
        ("2026-09-21 09:00", "1 工作时", [("2026-09-21 10:00", None)], "2026-09-21 10:00"),
        ("2026-09-21 09:00", "1 工作时", [("2026-09-21 09:59", None)], None),
        ("2026-09-18 10:00", "2 工作日", [("2026-09-21 17:30", None)], None),
        ("2026-09-18 10:00", "2 工作日", [("2026-09-21 17:31", None)], "2026-09-21 17:30"),
        # A pause may hide a year without table, and may begin in one after the deadline.
        ("2026-09-21 09:00", "1 工作时", [("2027-01-05 09:00", "2027-01-06 09:00")], "2026-09-21 10:00"),
        ("2026-12-30 09:00", "9 工作日", [("2026-12-31 09:00", None)], None),
        ("2026-12-30 09:00", "9 工作日", [("2027-01-01 00:00", None)], None),
    ],
)
def test_deadline_with_pauses(start: str, allowance: str, pauses: list, expected: str | None) -> None:
    assert due(start, allowance, *pauses) == expected


@pytest.mark.parametrize("allowance", ["2 工作日", "16 工作时"])
def test_a_year_without_table_is_refused(allowance: str) -> None:
    with pytest.raises(CalendarYearMissing) as refusal:
        due("2026-12-30 16:00", allowance)
    assert refusal.value.as_dict() == {
        "code": "calendar_year_missing",
        "message": "2027 年还没有工作日历，期限无法计算。",
        "remedy": "放假通知公布后，请管理员运行：mulin calendar import 2027 文件.csv",
        "details": {"year": 2027},
    }


def test_years_on_both_sides_of_a_gap_do_not_bridge_it() -> None:
    calendar = WorkCalendar(frozenset({2024, 2026}), {})
    five = Allowance(5, ClockKind.WORKING_DAYS)
    with pytest.raises(CalendarYearMissing) as refusal:
        deadline(at("2024-12-27 10:00"), five, calendar)
    assert refusal.value.details["year"] == 2025
    resumed = [(at("2024-12-31 10:00"), at("2026-01-01 00:00"))]
    assert deadline(at("2024-12-27 10:00"), five, calendar, resumed).due_at == at("2026-01-06 17:30")
    with pytest.raises(CalendarYearMissing):
        deadline(at("2026-01-06 10:00"), five, WorkCalendar(frozenset(), {}))
    with pytest.raises(CalendarYearMissing):
        calendar.is_working(date(2025, 6, 1))


def test_exactly_on_the_minute_is_in_time() -> None:
    found = deadline(at("2026-09-21 09:00"), parse_allowance("1 工作时"), CALENDAR)
    assert not found.is_overdue(at("2026-09-21 10:00"))
    assert found.is_overdue(at("2026-09-21 10:00") + timedelta(seconds=1))
    still_paused = deadline(
        at("2026-09-21 09:00"), parse_allowance("1 工作时"), CALENDAR, [(at("2026-09-21 09:30"), None)]
    )
    assert not still_paused.is_overdue(at("2026-12-01 00:00"))


def test_elapsed_and_remaining() -> None:
    start, two_days = at("2026-09-18 10:00"), parse_allowance("2 工作日")
    assert elapsed(start, at("2026-09-20 17:29"), ClockKind.WORKING_DAYS, CALENDAR) == 0
    assert elapsed(start, at("2026-09-20 17:30"), ClockKind.WORKING_DAYS, CALENDAR) == 1
    assert remaining(start, at("2026-09-23 18:00"), two_days, CALENDAR) == -2
    assert elapsed(start, at("2026-09-20 09:30"), ClockKind.WORKING_HOURS, CALENDAR) == 120 + 240 + 30
    assert elapsed(start, at("2026-09-17 10:00"), ClockKind.CONTINUOUS, CALENDAR) == 0
    assert elapsed(start, at("2026-09-18 10:59"), ClockKind.CONTINUOUS, CALENDAR) == 59


def test_due_at_is_utc_whatever_zone_the_start_came_in() -> None:
    start = datetime(2026, 9, 18, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    found = deadline(start, parse_allowance("1 工作日"), CALENDAR)
    assert found.due_at == datetime(2026, 9, 20, 9, 30, tzinfo=UTC)
    assert found.due_at.tzinfo is UTC
    with pytest.raises(ValueError, match="aware"):
        deadline(datetime(2026, 9, 18), parse_allowance("1 工作日"), CALENDAR)
    with pytest.raises(ValueError, match="before it begins"):
        due("2026-09-21 09:00", "1 工作时", ("2026-09-21 10:00", "2026-09-21 09:00"))


def test_working_hours_change_on_their_date() -> None:
    summer = WorkingHours(date(2026, 5, 6), ((9 * 60, 12 * 60), (14 * 60 + 30, 18 * 60)))
    calendar = WorkCalendar(CALENDAR.years, CALENDAR.days, (*CALENDAR.hours, summer))
    hours = deadline(at("2026-04-30 17:00"), parse_allowance("8 工作时"), calendar)
    # Half an hour on 30 April, six and a half on 6 May, one on 7 May.
    assert hours.due_at == at("2026-05-07 10:00")
    assert deadline(at("2026-05-05 10:00"), parse_allowance("1 工作日"), calendar).due_at == at("2026-05-06 18:00")
    told = [step.params["periods"] for step in hours.explanation if step.code is StepCode.OFFICE_HOURS]
    assert told == ["09:00–12:00、13:30–17:30", "09:00–12:00、14:30–18:00"]
    with pytest.raises(WorkingHoursMissing):
        deadline(at("2026-05-05 10:00"), parse_allowance("1 工作日"), WorkCalendar(CALENDAR.years, {}, (summer,)))


@pytest.mark.parametrize("periods", [(), ((540, 540),), ((600, 540),), ((540, 720), (700, 800)), ((0, 1441),)])
def test_working_hours_must_make_a_day(periods: tuple) -> None:
    with pytest.raises(ValueError, match="working periods"):
        WorkingHours(date(2026, 1, 1), periods)


@pytest.mark.parametrize(
    ("written", "amount", "kind"),
    [
        ("5 工作日", 5, ClockKind.WORKING_DAYS),
        (" 5个工作日 ", 5, ClockKind.WORKING_DAYS),
        ("2紧急工作时", 120, ClockKind.CONTINUOUS),
        ("8 Working Hours", 480, ClockKind.WORKING_HOURS),
        ("90 分钟", 90, ClockKind.CONTINUOUS),
    ],
)
def test_allowances_are_read_as_people_write_them(written: str, amount: int, kind: ClockKind) -> None:
    assert parse_allowance(written) == Allowance(amount, kind)


@pytest.mark.parametrize(
    "written", ["", "工作日", "0 工作日", "-1 工作日", "1.5 工作日", "5 天", "9999999 工作日", "٣ 工作日"]
)
def test_other_allowances_are_refused(written: str) -> None:
    with pytest.raises(AllowanceInvalid) as refusal:
        parse_allowance(written)
    assert (refusal.value.code, refusal.value.status) == ("allowance_invalid", 400)


def test_sixty_working_days_are_told_in_a_dozen_sentences() -> None:
    found = deadline(at("2026-09-18 17:29"), parse_allowance("60 工作日"), CALENDAR)
    assert sentences(found.explanation) == [
        "2026年9月18日(周五) 17:29 开始计时，时限 60 个工作日。",
        "9月18日(周五) 当天不计，从次日起算（《民法典》第二百零一条）。",
        "9月19日(周六) 周末，不计。",
        "9月20日(周日) 因国庆节调休上班，计 1 个工作日。",
        "9月21日(周一) 至 9月24日(周四) 计 4 个工作日。",
        "9月25日(周五) 至 9月27日(周日) 中秋节放假，不计。",
        "9月28日(周一) 至 9月30日(周三) 计 3 个工作日。",
        "10月1日(周四) 至 10月7日(周三) 国庆节放假，不计。",
        "10月8日(周四) 至 10月9日(周五) 计 2 个工作日。",
        "10月10日(周六) 因国庆节调休上班，计 1 个工作日。",
        "10月11日(周日) 至 12月17日(周四) 计 49 个工作日，周末不计。",
        "2026年12月17日(周四) 17:30 满 60 个工作日，为截止时间。",
    ]


def test_pauses_are_told_where_they_happened() -> None:
    pauses = [(at("2026-09-21 10:00"), at("2026-09-21 14:00")), (at("2026-09-22 09:00"), None)]
    found = deadline(at("2026-09-21 09:30"), parse_allowance("8 工作时"), CALENDAR, pauses)
    assert sentences(found.explanation) == [
        "2026年9月21日(周一) 09:30 开始计时，时限 8 小时（工作时）。",
        "只在工作时间内计时：09:00–12:00、13:30–17:30。",
        "9月21日(周一) 计 30 分钟。",
        "2026年9月21日(周一) 10:00 至 2026年9月21日(周一) 14:00 暂停计时。",
        "9月21日(周一) 计 3 小时 30 分。",
        "2026年9月22日(周二) 09:00 起暂停计时，恢复后再算出截止时间。",
    ]


def test_a_day_closed_while_paused_is_not_among_the_days_told() -> None:
    pauses = [(at("2026-09-21 10:00"), at("2026-09-21 18:00"))]
    found = deadline(at("2026-09-20 10:00"), parse_allowance("2 工作日"), CALENDAR, pauses)
    assert sentences(found.explanation)[2:] == [
        "2026年9月21日(周一) 10:00 至 2026年9月21日(周一) 18:00 暂停计时。",
        "9月22日(周二) 至 9月23日(周三) 计 2 个工作日。",
        "2026年9月23日(周三) 17:30 满 2 个工作日，为截止时间。",
    ]


def test_only_pauses_that_mattered_are_told_and_touching_ones_once() -> None:
    pauses = [
        (at("2026-09-20 10:00"), at("2026-09-21 09:00")),
        (at("2026-09-21 09:30"), at("2026-09-21 10:00")),
        (at("2026-09-21 10:00"), at("2026-09-21 10:30")),
        (at("2026-09-21 11:00"), None),
    ]
    found = deadline(at("2026-09-21 09:00"), parse_allowance("1 工作时"), CALENDAR, pauses)
    assert [step.code for step in found.explanation[2:]] == [
        StepCode.ORDINARY_DAYS,
        StepCode.PAUSED,
        StepCode.ORDINARY_DAYS,
        StepCode.DUE,
    ]


def test_an_emergency_is_told_in_three_sentences() -> None:
    found = deadline(at("2026-10-01 23:30"), parse_allowance("90 分钟"), CALENDAR)
    assert sentences(found.explanation) == [
        "2026年10月1日(周四) 23:30 开始计时，时限 1 小时 30 分（紧急工作时）。",
        "紧急事项昼夜连续计时，不分节假日。",
        "2026年10月2日(周五) 01:00 满 1 小时 30 分（紧急工作时），为截止时间。",
    ]


def test_names_of_holidays_follow_the_language() -> None:
    calendar = WorkCalendar(frozenset({2026}), {date(2026, 6, 19): DayRule(False, "端午节", "Dragon Boat Festival")})
    found = deadline(at("2026-06-18 10:00"), parse_allowance("1 工作日"), calendar)
    with translation.override("en"):
        told = sentences(found.explanation)
    assert "Dragon Boat Festival" in told[2]
    assert "端午节" in sentences(found.explanation)[2]


def test_amounts_in_words() -> None:
    assert amount_text(3, ClockKind.WORKING_DAYS) == "3 个工作日"
    assert amount_text(45, ClockKind.WORKING_HOURS) == "45 分钟"
    assert allowance_text(Allowance(120, ClockKind.CONTINUOUS)) == "2 小时（紧急工作时）"
