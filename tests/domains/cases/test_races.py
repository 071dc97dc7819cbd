"""Two people at once: one wins, one is told, nothing is lost."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from mulin.commands.seed import seed_reference
from mulin.core.errors import Refused
from mulin.core.history import first_fault
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Whistle
from mulin.domains.cases.queries import history
from mulin.domains.places import queries as places
from tests.factories import NOW, Town, make_town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town() -> Town:
    seed_reference(now=NOW)
    return make_town()


def report(town: Town) -> Case:
    location = places.locate_board(town.board_code())
    return services.report_case(actor=None, report=services.Report("路面积水", "0602", location), now=NOW)


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Run the deeds in threads of their own, started together; return results and refusals in order."""
    results: list[object] = [None] * len(deeds)
    start = threading.Barrier(len(deeds))

    def run(at: int) -> None:
        start.wait()
        try:
            results[at] = deeds[at]()
        except Refused as refused:
            results[at] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def whole(case: Case) -> bool:
    return first_fault(history.links(Case.objects.get(pk=case.pk))) is None


def test_one_case_is_accepted_once(town):
    case, worker = report(town), town.users["grid_worker"]
    results = at_once(*[lambda: services.accept(actor=worker, case=Case(pk=case.pk), now=NOW)] * 4)
    assert sum(isinstance(r, Case) for r in results) == 1
    assert sum(isinstance(r, Refused) for r in results) == 3
    assert case.steps.filter(move="accept").count() == 1
    assert whole(case)


def test_escalating_and_reassigning_at_once_keeps_one_chain(town):
    case = report(town)
    deeds = [
        lambda: services.escalate(actor=town.users["grid_worker"], case=Case(pk=case.pk), reason="办不了", now=NOW),
        lambda: services.dispatch(
            actor=town.users["community"], case=Case(pk=case.pk), tenure=town.tenures["leader"], now=NOW
        ),
        lambda: services.return_case(
            actor=town.users["grid_worker"], case=Case(pk=case.pk), reason_code="WRONG_PLACE", note="不在", now=NOW
        ),
    ]
    at_once(*deeds * 2)
    fresh = Case.objects.get(pk=case.pk)
    assert whole(case)
    assert fresh.step_count == case.steps.count()
    assert fresh.holder_tenure_id


def test_two_cases_merged_into_each_other_at_once_leave_one_open(town):
    one, two = report(town), report(town)
    desk = town.users["community"]
    results = at_once(
        lambda: services.merge(actor=desk, case=Case(pk=one.pk), into=Case(pk=two.pk), now=NOW),
        lambda: services.merge(actor=desk, case=Case(pk=two.pk), into=Case(pk=one.pk), now=NOW),
    )
    assert sum(isinstance(r, Refused) for r in results) == 1
    statuses = sorted(Case.objects.filter(pk__in=[one.pk, two.pk]).values_list("status", flat=True))
    assert statuses == ["DISPATCHED", "MERGED"]


def test_a_department_is_whistled_once(town):
    case, worker = report(town), town.users["grid_worker"]
    services.accept(actor=worker, case=case, now=NOW)
    organisation = town.organisations["HOUSING"]

    def call() -> Whistle:
        return services.whistle(actor=worker, case=Case(pk=case.pk), organisation=organisation, ask="请到场", now=NOW)

    at_once(call, call, call)
    assert Whistle.objects.filter(case=case).count() == 1
    assert whole(case)
