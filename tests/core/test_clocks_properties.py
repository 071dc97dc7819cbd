"""The clocks against a clock that walks minute by minute, on starts, amounts and pauses nobody chose."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulin.core.clocks import Allowance, CalendarYearMissing, ClockKind, deadline, elapsed, remaining
from tests.core import clock_oracle as oracle
from tests.core.calendars import CALENDAR

OraclePauses = list[tuple[int, int | None]]

starts = st.integers(0, oracle.TABLE_ENDS - 1) | st.builds(
    # Moments where something happens: opening, closing, noon, midnight, a minute beside them.
    lambda day, time, beside: max(0, day * oracle.DAY + time + beside),
    st.integers(0, oracle.TABLE_ENDS // oracle.DAY - 1),
    st.sampled_from([0, 540, 720, 810, 1050]),
    st.integers(-1, 1),
)
allowances = st.one_of(
    st.builds(Allowance, st.integers(1, 3000), st.just(ClockKind.WORKING_HOURS)),
    st.builds(Allowance, st.integers(1, 6000), st.just(ClockKind.CONTINUOUS)),
    st.builds(Allowance, st.integers(1, 15), st.just(ClockKind.WORKING_DAYS)),
)
offsets = st.lists(
    st.tuples(st.integers(-2000, 12000), st.none() | st.integers(0, 3000) | st.sampled_from([0, 1440, 10080])),
    max_size=3,
)


def at_offsets(start: int, written: list[tuple[int, int | None]]) -> OraclePauses:
    return [(start + at, None if length is None else start + at + length) for at, length in written]


def as_times(pauses: OraclePauses) -> list[tuple[datetime, datetime | None]]:
    return [(oracle.moment(begin), None if end is None else oracle.moment(end)) for begin, end in pauses]


@settings(max_examples=300)
@given(starts, allowances, offsets)
def test_deadline_is_where_the_walking_clock_arrives(start, allowance, written) -> None:
    pauses = at_offsets(start, written)

    def ours() -> datetime | None:
        return deadline(oracle.moment(start), allowance, CALENDAR, as_times(pauses)).due_at

    try:
        expected = oracle.deadline(start, allowance.amount, allowance.kind.value, pauses)
    except oracle.NoTable:
        with pytest.raises(CalendarYearMissing) as refusal:
            ours()
        assert refusal.value.details["year"] == 2027
    else:
        assert ours() == (None if expected is None else oracle.moment(expected))


@settings(max_examples=200)
@given(st.integers(0, oracle.TABLE_ENDS - 1), st.integers(0, 30_000), st.sampled_from(ClockKind), offsets)
def test_elapsed_is_what_the_walking_clock_counts(start, length, kind, written) -> None:
    end = min(start + length, oracle.TABLE_ENDS - 1)
    pauses = at_offsets(start, written)
    counted = elapsed(oracle.moment(start), oracle.moment(end), kind, CALENDAR, as_times(pauses))
    assert counted == oracle.elapsed(start, end, kind.value, pauses)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2026, 10, 1)), allowances, offsets)
def test_nothing_remains_at_the_deadline_and_something_just_before(naive, allowance, written) -> None:
    """Also for starts that do not fall on a whole minute."""
    start = naive.replace(tzinfo=oracle.BEIJING)
    pauses = [
        (start + timedelta(minutes=at), None if length is None else start + timedelta(minutes=at + length))
        for at, length in written
    ]
    due_at = deadline(start, allowance, CALENDAR, pauses).due_at
    if due_at is None:
        return
    assert remaining(start, due_at, allowance, CALENDAR, pauses) == 0
    assert remaining(start, due_at - timedelta(microseconds=1), allowance, CALENDAR, pauses) == 1


@given(starts.filter(lambda at: at < oracle.TABLE_ENDS - 90 * oracle.DAY), allowances, st.integers(1, 5), offsets)
def test_an_extension_never_brings_the_deadline_nearer(start, allowance, more, written) -> None:
    pauses = as_times(at_offsets(start, written))
    before = deadline(oracle.moment(start), allowance, CALENDAR, pauses).due_at
    after = deadline(oracle.moment(start), allowance.extended(more), CALENDAR, pauses).due_at
    if before is None:
        assert after is None
    else:
        assert after is None or after > before


@given(starts.filter(lambda at: at < oracle.TABLE_ENDS - 90 * oracle.DAY), allowances, offsets)
def test_the_explanation_adds_up(start, allowance, written) -> None:
    found = deadline(oracle.moment(start), allowance, CALENDAR, as_times(at_offsets(start, written)))
    if allowance.kind is ClockKind.CONTINUOUS or found.due_at is None:
        return
    told = sum(int(str(step.params["amount"])) for step in found.explanation[1:-1] if "amount" in step.params)
    assert told == allowance.amount
