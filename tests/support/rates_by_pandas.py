"""The three rates once more, by other means: with pandas, from the steps and not from the columns the product counts.

    python tests/support/rates_by_pandas.py var/mulin.sqlite3 --area 520303000000 --from 2011-01-01 --to 2020-12-31 \\
        --compare rates.json

`rates.json` is what `mulin rates … --json` wrote; without --compare the figures are printed. Ends with 1 when they
differ.
"""

import argparse
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pandas as pd

LEFT_OUT = {"REJECTED", "WITHDRAWN", "MERGED"}
SETTLED = {"RESOLVED", "CLOSED", "LAPSED"}
SOLVED_WEIGHT = {"YES": 1.0, "PARTLY": 0.5, "NO": 0.0}
SATISFIED_WEIGHT = {"YES": 1.0, "BASICALLY": 0.8, "NO": 0.0}
CASES = "select id, area_code, status, round, resolve_due_at from cases_case"
STEPS = "select case_id, sequence, move, taken_at, data from cases_step order by case_id, sequence"
CODE_LENGTHS = (6, 9, 12)


def figures(cases: pd.DataFrame, steps: pd.DataFrame, *, area: str, first: str, last: str) -> dict[str, Any]:
    """Return the figures of an area and of each of its children that has any."""
    cases = cases[~cases.status.isin(LEFT_OUT) & cases.area_code.str.startswith(area.rstrip("0"))].copy()
    cases["resolve_due_at"] = pd.to_datetime(cases.resolve_due_at, utc=True, format="mixed")
    steps = steps[steps.case_id.isin(cases.id)].copy()
    steps["taken_at"] = pd.to_datetime(steps.taken_at, utc=True, format="mixed")
    begins = pd.Timestamp(first, tz="Asia/Shanghai")
    ends = pd.Timestamp(last, tz="Asia/Shanghai") + pd.Timedelta(days=1)
    steps["counts"] = (steps.taken_at >= begins) & (steps.taken_at < ends)
    length = next(n for n in (*CODE_LENGTHS, 12) if n > len(area.rstrip("0")) or n == 12)
    steps = steps.merge(cases[["id", "area_code"]], left_on="case_id", right_on="id")
    children = cases.area_code.str[:length]
    found = {area: _rates(cases, steps)}
    for child in sorted(children.unique()):
        one = _rates(cases[children == child], steps[steps.area_code.str[:length] == child])
        if one["responded"]["whole"] or one["rated"]["whole"] or one["contacted"]:
            found[child.ljust(12, "0")] = one
    return found


def _rates(cases: pd.DataFrame, steps: pd.DataFrame) -> dict[str, Any]:
    ratings = pd.DataFrame(list(steps[(steps.move == "rate") & steps.counts].data))
    rated = len(ratings)
    solved = float(ratings.solved.map(SOLVED_WEIGHT).sum()) if rated else 0.0
    satisfied = float(ratings.satisfied.map(SATISFIED_WEIGHT).sum()) if rated else 0.0
    responded = float(ratings.responded.sum()) if rated else 0.0
    settled = _settled(cases, steps)
    minutes = _minutes_to_contact(steps)
    return {
        "responded": {"part": responded, "whole": rated},
        "solved": {"part": solved, "whole": rated},
        "satisfied": {"part": satisfied, "whole": rated},
        "rated": {"part": int(settled.is_rated.sum()), "whole": len(settled)},
        "in_time": {"part": int((settled.taken_at <= settled.resolve_due_at).sum()), "whole": len(settled)},
        "returned": {"part": int(settled.was_returned.sum()), "whole": len(settled)},
        "reopened": {"part": int((settled["round"] > 1).sum()), "whole": len(settled)},
        "contacted": len(minutes),
        "median_minutes": float(minutes.median()) if len(minutes) else None,
    }


def _settled(cases: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """Cases settled now whose last resolution falls into the period, whether this round was rated, ever returned."""
    resolved = steps[steps.move == "resolve"].drop_duplicates("case_id", keep="last")
    now_settled = cases[cases.status.isin(SETTLED)].rename(columns={"id": "case_id"}).drop(columns="area_code")
    settled = now_settled.merge(resolved[resolved.counts][["case_id", "taken_at"]], on="case_id")
    rounds = steps[steps.move == "rate"]
    rated = set(zip(rounds.case_id, (data.get("round", 1) for data in rounds.data), strict=True))
    settled["is_rated"] = [key in rated for key in zip(settled.case_id, settled["round"], strict=True)]
    settled["was_returned"] = settled.case_id.isin(steps[steps.move == "return"].case_id)
    return settled


def _minutes_to_contact(steps: pd.DataFrame) -> "pd.Series[float]":
    """Minutes from the report, or from the last reopening, to the first contact or result after it."""
    starts = steps[steps.move.isin(["report", "reopen"])].drop_duplicates("case_id", keep="last")
    starts = starts[["case_id", "sequence", "taken_at"]]
    after = steps[steps.move.isin(["contact", "resolve"])].merge(starts, on="case_id", suffixes=("", "_start"))
    after = after[after.sequence > after.sequence_start].drop_duplicates("case_id", keep="first")
    after = after[after.counts]
    return (after.taken_at - after.taken_at_start).dt.total_seconds() / 60


def load(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        cases, steps = pd.read_sql(CASES, connection), pd.read_sql(STEPS, connection)
    steps["data"] = steps.data.map(json.loads)
    return cases, steps


def differences(ours: object, theirs: object, path: str = "") -> list[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted(ours.keys() | theirs.keys()):
            found += differences(ours.get(key), theirs.get(key), f"{path}/{key}")
        return found
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return [] if abs(ours - theirs) < 1e-6 * max(1.0, abs(ours)) else [f"{path}: {ours} != {theirs}"]
    return [] if ours == theirs else [f"{path}: {ours} != {theirs}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--area", required=True)
    parser.add_argument("--from", dest="first", required=True)
    parser.add_argument("--to", dest="last", required=True)
    parser.add_argument("--compare", type=Path)
    asked = parser.parse_args()
    found = figures(*load(asked.database), area=asked.area, first=asked.first, last=asked.last)
    if asked.compare is None:
        print(json.dumps(found, indent=2))
        return 0
    wrong = differences(found, json.loads(asked.compare.read_text(encoding="utf-8")))
    print("\n".join(wrong) or f"{len(found)} areas agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
