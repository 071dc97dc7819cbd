"""The work calendar in the database: seeded, edited, imported, remembered."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mulin.core import calendar_services as calendar
from mulin.core import versions
from mulin.core.calendar_days import LIBRARY_YEARS, CalendarFileInvalid
from mulin.core.calendar_models import CalendarDay, CalendarYear, WorkingPeriod
from mulin.core.clocks import SHANGHAI, CalendarYearMissing, WorkingHours, deadline, parse_allowance
from tests.core import clock_oracle as oracle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NOTICE_2027 = """date,status,name_zh,name_en
2026-12-26,班,元旦,New Year's Day
2027-01-01,休,元旦,New Year's Day
2027-02-05,休,春节,
"""


@pytest.fixture(autouse=True)
def _fresh() -> None:
    versions.forget_all()


@pytest.fixture
def seeded() -> calendar.SeededYears:
    return calendar.seed_calendar(actor="admin", now=NOW, years=[2024, 2025, 2026])


def import_2027(notice: str = NOTICE_2027, year: int = 2027) -> int:
    return calendar.import_year(year=year, lines=notice.splitlines(), source="notice", actor="admin", now=NOW)


def set_day(day: date, *, is_working: bool, name_zh: str = "") -> None:
    calendar.set_day(day=day, is_working=is_working, name_zh=name_zh, source="district", actor="admin", now=NOW)


def due(start: datetime, allowance: str, region: str = "") -> datetime | None:
    return deadline(start, parse_allowance(allowance), calendar.work_calendar(region)).due_at


def everything() -> tuple:
    return tuple(list(model.objects.order_by("pk").values()) for model in (CalendarYear, CalendarDay, WorkingPeriod))


def test_the_seeded_years_are_the_official_ones(seeded) -> None:
    known = calendar.work_calendar()
    for entry in range(oracle.TABLE_ENDS // oracle.DAY):
        day = oracle.ORIGIN.date() + timedelta(days=entry)
        assert known.is_working(day) == (entry in oracle.WORKING), day
    rows = CalendarDay.objects.filter(date__year=2026)
    assert set(rows.filter(is_working=True).values_list("date", flat=True)) == {
        day for day in oracle.made_up_days() if day.year == 2026
    }
    assert CalendarDay.objects.get(date=date(2026, 9, 25)).name_zh == "中秋节"
    assert CalendarDay.objects.get(date=date(2026, 9, 20)).name_en == "National Day"


def test_all_years_of_the_library_can_be_seeded() -> None:
    seeded = calendar.seed_calendar(actor="admin", now=NOW)
    assert seeded.added == tuple(LIBRARY_YEARS)
    assert calendar.work_calendar().years == frozenset(range(2004, 2027))
    with pytest.raises(CalendarYearMissing):
        calendar.seed_calendar(actor="admin", now=NOW, years=[2027])


def test_seeding_again_keeps_what_people_changed(seeded) -> None:
    set_day(date(2026, 11, 2), is_working=False, name_zh="抗洪")
    before = everything()
    again = calendar.seed_calendar(actor="robot", now=NOW + timedelta(days=1), years=[2026])
    assert (again.added, again.kept) == ((), (2026,))
    assert everything() == before


def test_a_day_set_off_moves_deadlines_at_once(seeded) -> None:
    friday = datetime(2026, 10, 30, 10, 0, tzinfo=SHANGHAI)
    assert due(friday, "1 工作日") == datetime(2026, 11, 2, 17, 30, tzinfo=SHANGHAI)
    set_day(date(2026, 11, 2), is_working=False, name_zh="抗洪")
    assert due(friday, "1 工作日") == datetime(2026, 11, 3, 17, 30, tzinfo=SHANGHAI)
    set_day(date(2026, 11, 2), is_working=True)
    assert due(friday, "1 工作日") == datetime(2026, 11, 2, 17, 30, tzinfo=SHANGHAI)
    assert not CalendarDay.objects.filter(date=date(2026, 11, 2)).exists()


def test_a_special_day_needs_a_name_and_a_known_year(seeded) -> None:
    before = everything()
    with pytest.raises(calendar.DayNameMissing):
        set_day(date(2026, 11, 2), is_working=False)
    with pytest.raises(CalendarYearMissing):
        set_day(date(2027, 1, 1), is_working=False, name_zh="元旦")
    assert everything() == before


def test_a_new_year_is_imported_with_the_december_before(seeded) -> None:
    assert import_2027() == 3
    assert calendar.work_calendar().is_working(date(2026, 12, 26))
    assert due(datetime(2026, 12, 31, 10, 0, tzinfo=SHANGHAI), "1 工作日") == datetime(
        2027, 1, 4, 17, 30, tzinfo=SHANGHAI
    )
    assert CalendarDay.objects.get(date=date(2027, 2, 5)).name_en == "春节"


def test_importing_a_year_again_replaces_it_and_nothing_else(seeded) -> None:
    import_2027()
    import_2027("date,status,name_zh\n2027-01-01,off,元旦\n")
    assert list(CalendarDay.objects.filter(notice_year=2027).values_list("date", flat=True)) == [date(2027, 1, 1)]
    import_2027()
    import_2027("date,status,name_zh\n2026-10-01,off,国庆节\n2026-12-26,off,某日\n", year=2026)
    assert CalendarDay.objects.get(date=date(2026, 12, 26)).is_working, "the later notice decides"


@pytest.mark.parametrize(
    ("notice", "line"),
    [
        ("date,status,name_zh\n2027-01-01,休,元旦\n2027-13-01,休,元旦\n", 3),
        ("date,status,name_zh\n2027-01-01,休,元旦\n2027-01-02,也许,元旦\n", 3),
        ("date,status,name_zh\n2027-01-01,休,元旦\n2028-01-01,休,元旦\n", 3),
        ("date,status,name_zh\n2027-01-01,休,元旦\n2026-11-30,休,元旦\n", 3),
        ("date,status,name_zh\n2027-01-01,休,元旦\n2027-01-01,班,元旦\n", 3),
        ("date,status,name_zh\n2027-01-01,休,\n", 2),
    ],
)
def test_a_bad_row_refuses_the_file_and_is_named(seeded, notice: str, line: int) -> None:
    before = everything()
    with pytest.raises(CalendarFileInvalid) as refusal:
        import_2027(notice)
    assert [row["line"] for row in refusal.value.details["rows"]] == [line]
    assert everything() == before


@pytest.mark.parametrize(
    "notice", ["", "day;kind\n2027-01-01;off\n", "date,status,name_zh\n", "date,status,name_zh\n2026-12-31,休,元旦\n"]
)
def test_a_notice_without_columns_or_days_off_in_its_year_is_refused(seeded, notice: str) -> None:
    with pytest.raises(CalendarFileInvalid):
        import_2027(notice)
    assert 2027 not in calendar.work_calendar().years


def test_a_region_has_its_own_hours_from_its_own_date_on(seeded) -> None:
    summer = [(9 * 60, 12 * 60), (14 * 60 + 30, 18 * 60)]
    calendar.set_working_hours(valid_from=date(2026, 6, 1), periods=summer, source="district", region="520303")
    before, after = datetime(2026, 5, 28, 10, 0, tzinfo=SHANGHAI), datetime(2026, 6, 1, 10, 0, tzinfo=SHANGHAI)
    assert due(before, "1 工作日", "520303001") == datetime(2026, 5, 29, 17, 30, tzinfo=SHANGHAI)
    assert due(after, "1 工作日", "520303001") == datetime(2026, 6, 2, 18, 0, tzinfo=SHANGHAI)
    assert due(after, "1 工作日", "520302001") == datetime(2026, 6, 2, 17, 30, tzinfo=SHANGHAI)
    with pytest.raises(calendar.WorkingHoursInvalid):
        calendar.set_working_hours(valid_from=date(2026, 6, 1), periods=[(700, 600)], source="", region="520303")
    assert calendar.work_calendar("520303").hours[-1] == WorkingHours(date(2026, 6, 1), tuple(summer))


def test_without_a_seed_every_working_clock_is_refused() -> None:
    with pytest.raises(CalendarYearMissing):
        due(NOW, "1 工作日")
    assert due(NOW, "1 分钟") == NOW + timedelta(minutes=1)


def test_the_calendar_is_read_once(seeded, django_assert_num_queries) -> None:
    with django_assert_num_queries(4):  # version, years, days, hours
        calendar.work_calendar()
    with django_assert_num_queries(0):
        calendar.work_calendar("520303")
