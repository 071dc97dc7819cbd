"""The work calendar 2024–2026 as the tests know it."""

from mulin.core.clocks import DayRule, WorkCalendar
from tests.core import clock_oracle as oracle

_names = {line.split()[0]: line.split()[2] for line in oracle.OFF.strip().split("\n")}


def _rules() -> dict:
    rules, name = {}, ""
    for day in sorted(oracle.off_days()):
        name = _names.get(day.isoformat(), name)
        rules[day] = DayRule(False, name, f"({name})")
    for day in oracle.made_up_days():
        rules[day] = DayRule(True, "国庆节", "National Day") if day.month > 8 else DayRule(True, "调休", "exchange")
    return rules


CALENDAR = WorkCalendar(frozenset({2024, 2025, 2026}), _rules())
