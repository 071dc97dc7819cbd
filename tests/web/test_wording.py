from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from mulin.web import wording
from mulin.web.urgency import urgency_tone

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 3, 4, 6, 5, tzinfo=UTC), "今天 14:05"),
        (datetime(2026, 3, 3, 16, 1, tzinfo=UTC), "今天 00:01"),
        (datetime(2026, 3, 3, 15, 59, tzinfo=UTC), "昨天 23:59"),
        (datetime(2026, 3, 4, 16, 0, tzinfo=UTC), "明天 00:00"),
        (datetime(2026, 1, 1, 0, 0, tzinfo=UTC), "1月1日 08:00"),
        (datetime(2025, 12, 31, 15, 0, tzinfo=UTC), "2025年12月31日 23:00"),
    ],
)
def test_a_moment_is_told_on_the_clock_of_shanghai(moment: datetime, words: str) -> None:
    assert wording.human_moment(moment, NOW) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=40), "不到 1 分钟"),
        (timedelta(minutes=95), "1 小时 35 分钟"),
        (timedelta(hours=3), "3 小时"),
        (timedelta(days=2, hours=3, minutes=9), "2 天 3 小时"),
        (timedelta(days=2, minutes=9), "2 天"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(span: timedelta, words: str) -> None:
    assert wording.human_span(span) == words


@given(minutes=st.integers(-100_000, 100_000))
def test_time_left_says_over_exactly_when_the_deadline_has_passed(minutes: int) -> None:
    words = wording.time_left_words(NOW + timedelta(minutes=minutes), NOW)
    assert words.startswith("超时" if minutes < 0 else "还剩")


@pytest.mark.parametrize(
    ("amount", "clock", "words"),
    [
        (5, "working_days", "5 个工作日"),
        (240, "working_hours", "4 工作时"),
        (90, "working_hours", "90 工作分钟"),
        (120, "continuous", "2 紧急工作时"),
        (30, "continuous", "30 分钟"),
    ],
)
def test_an_allowance_names_its_clock(amount: int, clock: str, words: str) -> None:
    assert wording.allowance_words(amount, clock) == words


@pytest.mark.parametrize(("fen", "words"), [(0, "¥0.00"), (5, "¥0.05"), (123_456, "¥1,234.56"), (-100, "¥-1.00")])
def test_money_is_shown_in_yuan(fen: int, words: str) -> None:
    assert wording.yuan(fen) == words


@pytest.mark.parametrize(
    ("left", "allowed", "tone"),
    [
        (timedelta(days=3), timedelta(days=5), "good"),
        (timedelta(hours=23), timedelta(days=5), "warn"),
        (timedelta(minutes=119), timedelta(hours=4), "warn"),
        (timedelta(minutes=-1), timedelta(days=5), "bad"),
    ],
)
def test_urgency_grows_in_the_last_fifth_of_the_time_allowed(left: timedelta, allowed: timedelta, tone: str) -> None:
    due_at = NOW + left
    assert urgency_tone(due_at=due_at, now=NOW, started_at=due_at - allowed) == tone


def test_a_deadline_without_a_beginning_becomes_urgent_two_hours_before() -> None:
    tones = [urgency_tone(due_at=NOW + timedelta(minutes=minutes), now=NOW) for minutes in (121, 120, 0, -1)]
    assert tones == ["good", "warn", "warn", "bad"]


def test_wording_works_in_both_languages() -> None:
    with translation.override("en"):
        assert "14:05" in wording.human_moment(datetime(2026, 3, 4, 6, 5, tzinfo=UTC), NOW)
