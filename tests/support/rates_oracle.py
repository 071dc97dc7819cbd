"""The three rates worked out a second time, with pandas, from plain rows: what the pages must agree with.

`cases`: pk, area_code, category, tier, status, round, resolved_at, resolve_due_at, clock_started_at,
first_contact_at, was_returned.
`ratings`: case, round, responded, solved, satisfied, rated_at. Times are aware.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

EXCLUDED = ["REJECTED", "WITHDRAWN", "MERGED"]
SETTLED = ["RESOLVED", "CLOSED", "LAPSED"]
SOLVED = {"YES": 1.0, "PARTLY": 0.5, "NO": 0.0}
SATISFIED = {"YES": 1.0, "BASICALLY": 0.8, "NO": 0.0}


def rates(
    cases: Sequence[Mapping[str, Any]], ratings: Sequence[Mapping[str, Any]], begins_at: datetime, ends_at: datetime
) -> dict[str, float | int | None]:
    """Return numerators, denominators and the median over [begins_at, ends_at)."""
    all_cases = pd.DataFrame(list(cases))
    all_cases = all_cases[~all_cases["status"].isin(EXCLUDED)]
    joined = pd.DataFrame(
        list(ratings), columns=["case", "round", "responded", "solved", "satisfied", "rated_at"]
    ).merge(all_cases, left_on="case", right_on="pk", suffixes=("", "_case"))
    given = joined[_within(joined["rated_at"], begins_at, ends_at)]
    settled = all_cases[
        all_cases["status"].isin(SETTLED) & _within(all_cases["resolved_at"], begins_at, ends_at)
    ].copy()
    rated_rounds = set(zip(joined["case"], joined["round"], strict=True))
    has_rating = [(pk, n) in rated_rounds for pk, n in zip(settled["pk"], settled["round"], strict=True)]
    contacted = all_cases[_within(all_cases["first_contact_at"], begins_at, ends_at)]
    minutes = (_times(contacted["first_contact_at"]) - _times(contacted["clock_started_at"])).dt.total_seconds() / 60
    return {
        "rated": len(given),
        "responded": float(given["responded"].astype(bool).sum()),
        "solved": float(given["solved"].map(SOLVED).astype(float).sum()),
        "satisfied": float(given["satisfied"].map(SATISFIED).astype(float).sum()),
        "settled": len(settled),
        "settled_rated": sum(has_rating),
        "in_time": int((_times(settled["resolved_at"]) <= _times(settled["resolve_due_at"])).sum()),
        "returned": int(settled["was_returned"].sum()),
        "reopened": int((settled["round"] > 1).sum()),
        "median_minutes": None if minutes.empty else float(minutes.median()),
    }


def _times(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, utc=True)


def _within(column: pd.Series, begins_at: datetime, ends_at: datetime) -> pd.Series:
    times = _times(column)
    return (times >= begins_at) & (times < ends_at)
