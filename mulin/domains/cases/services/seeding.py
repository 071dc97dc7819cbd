"""Load the directory and the dated policies that come with Mulin; rows already there stay as a district edited them."""

from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from mulin.core import csv_data, versions
from mulin.core.burden.linter import judge, refuse_burden
from mulin.domains.cases.models import Category, CategoryRule, Policy
from mulin.domains.cases.queries import burden
from mulin.domains.cases.queries.directory import DIRECTORY_VERSION
from mulin.domains.places.models import Tier

DATA = Path(__file__).parent.parent / "data"
LISTS = ("reject_reasons", "return_reasons", "pause_reasons", "extension_rules", "rate_definitions")
_DATED = ("valid_from", "region")


@transaction.atomic
def seed_directory(*, now: datetime) -> int:
    """Create categories, rules and policies of the CSV files; return how many rows there are."""
    rows = csv_data.rows(DATA / "categories.csv")
    Category.objects.bulk_create([_category(row) for row in rows], ignore_conflicts=True)
    known = {(c.code, c.valid_from): c.pk for c in Category.objects.all()}
    rules = [_rule(row, known[row["code"], date.fromisoformat(row["valid_from"])]) for row in rows]
    CategoryRule.objects.bulk_create(rules, ignore_conflicts=True)
    _refuse_burden(now=now)
    policies = [*_settings(), *(policy for name in LISTS for policy in _list(name))]
    Policy.objects.bulk_create(policies, ignore_conflicts=True)
    versions.bump(DIRECTORY_VERSION)
    return len(rows) + len(policies)


def _refuse_burden(*, now: datetime) -> None:
    """Raise Burdensome for an indicator or a number the burden rules forbid, unless excepted in its region now."""
    found = [*csv_data.rows(DATA / "rate_definitions.csv"), *csv_data.rows(DATA / "settings.csv")]
    for row in found:
        one = burden.indicator(row)
        if judge(one):
            refuse_burden([one], excepted=burden.in_force(row["region"], now=now))


def _category(row: dict[str, str]) -> Category:
    return Category(
        code=row["code"],
        group_code=row["group_code"],
        group_zh=row["group_zh"],
        group_en=row["group_en"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        keywords=row["keywords"],
        valid_from=date.fromisoformat(row["valid_from"]),
    )


def _rule(row: dict[str, str], category_id: int) -> CategoryRule:
    return CategoryRule(
        category_id=category_id,
        lowest_tier=Tier[row["lowest_tier"]],
        lead_kinds=_split(row["lead_organisation_kinds"]),
        assist_kinds=_split(row["assist_organisation_kinds"]),
        urgent=row["urgent"] == "true",
        respond_clock=row["respond_clock"],
        respond_amount=int(row["respond_amount"]),
        resolve_clock=row["resolve_clock"],
        resolve_amount=int(row["resolve_amount"]),
        region=row["region"],
        valid_from=date.fromisoformat(row["valid_from"]),
        source=row["source"],
    )


def _split(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]


def _settings() -> list[Policy]:
    return [
        _policy(row["name"], int(row["value"]), row["region"], row["valid_from"], row["source"])
        for row in csv_data.rows(DATA / "settings.csv")
    ]


def _list(name: str) -> list[Policy]:
    """One policy per region and day with all rows of a file that begin there."""
    found: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in csv_data.rows(DATA / f"{name}.csv"):
        found[row["region"], row["valid_from"]].append({k: v for k, v in row.items() if k not in _DATED})
    return [_policy(name, rows, region, begins, "") for (region, begins), rows in found.items()]


def _policy(name: str, value: Any, region: str, valid_from: str, source: str) -> Policy:
    return Policy(name=name, value=value, region=region, valid_from=date.fromisoformat(valid_from), source=source)
