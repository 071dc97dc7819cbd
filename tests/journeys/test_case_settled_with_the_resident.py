"""点单 → 派单 → 接单 → 提级 → 吹哨 → 报到 → 办结 → 评单（未解决）→ 重新办理 → 办结 → 评单."""

from datetime import timedelta

import pytest

from mulin.commands.seed import seed_reference
from mulin.core.history import first_fault
from mulin.domains.cases import access, services
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import history
from mulin.domains.places import queries as places
from mulin.domains.places.models import Tier
from tests.factories import NOW, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    seed_reference(now=NOW)
    return make_town()


def test_the_resident_has_the_last_word(town):
    at = NOW
    location = places.locate_board(town.board_code())
    report = services.Report(
        "楼道灯坏了三天，老人上下楼看不见", "0601", location, contact=services.Contact("王", "139")
    )
    case = services.report_case(actor=None, report=report, now=at)
    assert case.status == "DISPATCHED"
    assert case.holder_tenure == town.tenures["leader"] or case.tier >= Tier.BUILDING

    at += timedelta(minutes=5)
    holder = case.holder_tenure.holder
    services.accept(actor=holder, case=access.case_for(holder, case.pk, now=at, move="accept"), now=at)
    tier = case.tier
    case = services.escalate(actor=holder, case=case, reason="需要换线路", now=at)
    assert case.tier > tier
    second = case.holder_tenure.holder
    services.accept(actor=second, case=case, now=at)
    desk = town.users["community"]
    case = services.dispatch(actor=desk, case=case, tenure=town.tenures["community"], now=at)
    services.accept(actor=desk, case=case, now=at)
    whistle = services.whistle(
        actor=desk, case=case, organisation=town.organisations["HOUSING"], ask="请协调电力公司", now=at
    )
    services.arrive(actor=town.users["housing"], whistle=whistle, note="", now=at)
    services.give_result(actor=town.users["housing"], whistle=whistle, answer="已协调更换", now=at)
    services.resolve(actor=desk, case=case, result="已更换声控灯", now=at)
    services.rate(actor=None, case=case, solved="NO", satisfied="NO", now=at, note="还是不亮")
    case = services.reopen(actor=None, case=case, reason="还是不亮", now=at)
    assert case.round == 2
    assert case.status == "DISPATCHED"
    services.accept(actor=desk, case=case, now=at)
    services.resolve(actor=desk, case=case, result="更换了线路", now=at)
    services.rate(actor=None, case=case, solved="YES", satisfied="YES", now=at)

    case = Case.objects.get(pk=case.pk)
    assert case.status == "CLOSED"
    assert first_fault(history.links(case)) is None
