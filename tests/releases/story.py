"""Run inside an installation: what a small town holds on the day of a release, and whether it is all there."""

import json
from datetime import timedelta

from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.core import worker
from mulin.core.backup import databases
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Reporter
from mulin.domains.cases.queries import history
from mulin.domains.organisations.models import Organisation
from mulin.domains.places import queries as places
from tests.factories import make_town


def write() -> None:
    """A town, and cases in several states: dispatched, accepted, whistled, resolved and rated, reopened."""
    now = timezone.now() - timedelta(hours=6)
    seed_reference(now=now)
    town = make_town(buildings=2, households=2)
    location = places.locate_board(town.board_code())
    contact = services.Contact("王小丽", "13912345678", "201")
    for number, text in enumerate(("楼道灯坏了三天", "路面积水", "楼上漏水", "垃圾没有清运")):
        report = services.Report(text, "0601", location, contact=contact)
        case = services.report_case(actor=None, report=report, now=now)
        _go_on(case, number, town.organisations["HOUSING"])
    worker.work_once(now=now, tasks=False)


def _go_on(case: Case, steps: int, called: Organisation) -> None:
    now, holder = case.reported_at + timedelta(minutes=9), case.holder_tenure.holder
    if steps >= 1:
        services.accept(actor=holder, case=case, now=now)
    if steps == 2:
        services.whistle(actor=holder, case=case, organisation=called, ask="请到场", now=now)
    if steps >= 3:
        services.resolve(actor=holder, case=case, result="已清运", now=now)


def facts() -> None:
    """Print what must be the same after every migration to come."""
    told = {
        "rows": databases.row_counts(),
        "receipts": sorted(Case.objects.values_list("receipt_code", flat=True)),
        "states": sorted(Case.objects.values_list("status", flat=True)),
        "texts": sorted(case.text for case in Case.objects.all()),
        "names": sorted(reporter.name for reporter in Reporter.objects.all()),
        "phones": sorted(reporter.phone for reporter in Reporter.objects.all()),
        "faults": [str(fault) for fault in history.faults()],
    }
    print(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True))
