"""A whole district: coverage against a check by hand, and lists at 1,000 and at 100,000 cases.

    MULIN_HOME=/tmp/mulin-district .venv/bin/mulin demo --size district
    MULIN_HOME=/tmp/mulin-district .venv/bin/python -m benchmarks.district

Adds made-up cases to the database of MULIN_HOME. Fails when a count differs.
"""

import os
import random
import statistics
import time
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mulin.config.settings")

import django

django.setup()

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rich.progress import track

from mulin.core.codes import new_code
from mulin.domains.accounts.models import User
from mulin.domains.cases.models import Case, Reporter
from mulin.domains.cases.states import Status
from mulin.domains.duty.models import Absence, Tenure, TenureState
from mulin.domains.duty.queries import coverage
from mulin.domains.places.models import GroupMembership, Household, Place

COUNTY = "520303000000"
PAGES = {
    "desk queue": ("county", "/desk/"),
    "community queue": ("community", "/desk/"),
    "today's list": ("leader", "/today/"),
}
STATUSES = [Status.DISPATCHED, Status.ACCEPTED, *[Status.CLOSED] * 6, Status.LAPSED, Status.RESOLVED]


def covered(*posts: str) -> set[int]:
    """Places at which somebody acts in one of these posts, found row by row."""
    now, today = timezone.now(), timezone.localdate()
    away = {a.tenure_id for a in Absence.objects.all() if a.begins_at <= now < a.ends_at and a.substitute_id is None}
    return {
        t.place_id
        for t in Tenure.objects.filter(place__isnull=False).select_related("post_kind", "holder")
        if t.post_kind.code in posts and t.state == TenureState.ACTIVE and t.starts_on <= today
        and (t.ends_on is None or t.ends_on > today) and t.holder.is_active and t.pk not in away and t.place_id
    }  # fmt: skip


def check_coverage() -> None:
    contacts = covered("household_contact")
    group_of = dict(GroupMembership.objects.filter(ends_on=None).values_list("household_id", "group_id"))
    homes = Household.objects.filter(moved_out_on=None).values_list("pk", flat=True)
    by_hand = {
        "households": sum(group_of.get(home) not in contacts for home in homes),
        "buildings": len(set(_places("BUILDING")) - covered("building_leader")),
        "grids": len(set(_places("GRID")) - covered("grid_leader", "grid_worker")),
    }
    for subject, expected in by_hand.items():
        began = time.monotonic()
        with CaptureQueriesContext(connection) as queries:
            found = len(list(coverage.gaps(subject, coverage.Ground(COUNTY), now=timezone.now())))
        took = time.monotonic() - began
        print(f"{subject:12} gaps {found:6}  by hand {expected:6}  {len(queries)} query, {took * 1000:.0f} ms")
        assert (found, len(queries)) == (expected, 1), subject


def _places(kind: str) -> list[int]:
    return list(Place.objects.filter(kind=kind, ends_on=None).values_list("pk", flat=True))


def fill(total: int) -> None:
    """Copy cases of the demo town all over the district until there are `total`."""
    luck, now = random.Random(total), timezone.now()
    models = list(Case.objects.filter(status=Status.DISPATCHED, holder_tenure__isnull=False)[:20])
    buildings = list(
        Place.objects.filter(kind="BUILDING", ends_on=None, building__memberships__ends_on=None)
        .values_list("pk", "area_code", "building__memberships__grid_id")
    )  # fmt: skip
    missing = total - Case.objects.count()
    for start in track(range(0, missing, 2_000), description=f"{total:,} cases"):
        rows = []
        for _ in range(min(2_000, missing - start)):
            case, (building, area_code, grid) = luck.choice(models), luck.choice(buildings)
            case.pk, case.receipt_code, case.status = None, new_code(), luck.choice(STATUSES)
            case.place_id = case.building_id = building
            case.area_code, case.grid_id = area_code, grid
            case.reported_at = now - timedelta(minutes=luck.randrange(600_000))
            case.resolve_due_at = case.reported_at + timedelta(days=luck.randrange(1, 15))
            rows.append(Case(**{f.attname: getattr(case, f.attname) for f in Case._meta.concrete_fields}))
        made = Case.objects.bulk_create(rows)
        Reporter.objects.bulk_create([Reporter(case=case, created_at=now) for case in made])


def look(title: str, username: str, url: str) -> int:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username=username))
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    asked, took = len(queries), []
    for _ in range(7):
        began = time.monotonic()
        client.get(url)
        took.append(time.monotonic() - began)
    milliseconds = statistics.median(took) * 1000
    print(f"{title:16} {Case.objects.count():8,} cases  {asked:3} queries  {milliseconds:6.0f} ms")
    return asked


def main() -> None:
    check_coverage()
    fill(1_000)
    small = {title: look(title, *page) for title, page in PAGES.items()}
    fill(100_000)
    large = {title: look(title, *page) for title, page in PAGES.items()}
    assert small == large != {}, (small, large)
    print("equal query counts at 1,000 and at 100,000 cases")


if __name__ == "__main__":
    main()
