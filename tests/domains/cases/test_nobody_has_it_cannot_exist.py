"""首接负责: whatever moves a case takes, in whatever order, somebody holds it while it is open."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mulin.commands.seed import seed_reference
from mulin.core import outbox
from mulin.core.errors import Refused
from mulin.core.history import first_fault
from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import history
from mulin.domains.cases.states import LIFECYCLE, OPEN, Status
from mulin.domains.duty.models import Tenure, TenureState
from mulin.domains.duty.services import end_tenure
from mulin.domains.places import queries as places
from tests.domains.cases.walking import MOVES
from tests.factories import NOW, Town, make_town

HOLDERS = ["leader", "grid_worker", "grid_leader", "community", "street", "county", "contact"]
steps = st.lists(
    st.one_of(
        st.sampled_from(sorted(MOVES)), st.sampled_from([f"leave:{name}" for name in HOLDERS]), st.just("accept")
    ),
    min_size=1,
    max_size=14,
)


def check(case: Case) -> None:
    case = Case.objects.get(pk=case.pk)
    if case.status in OPEN:
        assert case.holder_tenure_id or case.holder_organisation_id
        assert case.resolve_due_at or case.status == Status.PAUSED
    assert first_fault(history.links(case)) is None
    assert history.steps_of(case).last().hash == case.last_hash


class WalkTest(TestCase):
    town: Town

    @classmethod
    def setUpTestData(cls) -> None:
        seed_reference(now=NOW)
        cls.town = make_town()

    def report(self, text: str, now):
        location = places.locate_board(self.town.board_code())
        report = services.Report(text, "0601", location)
        return services.report_case(actor=None, report=report, now=now)

    @settings(max_examples=60)
    @given(steps)
    def test_an_open_case_always_has_a_holder_and_a_deadline(self, walk: list[str]) -> None:
        now = NOW
        self.report("另一件", now)
        case = self.report("楼道灯不亮", now)
        check(case)
        for step in walk:
            now += timedelta(minutes=7)
            self.take(step, case, now)
            for one in Case.objects.all():
                check(one)

    def take(self, step: str, case: Case, now) -> None:
        if step.startswith("leave:"):
            self.leave(step.removeprefix("leave:"), now)
            return
        before = Case.objects.values().get(pk=case.pk)
        try:
            MOVES[step](Case.objects.get(pk=case.pk), self.town, now)
        except Refused:
            assert Case.objects.values().get(pk=case.pk) == before, "a refusal changes nothing"

    def leave(self, name: str, now) -> None:
        tenure = Tenure.objects.get(pk=self.town.tenures[name].pk)
        if tenure.state == TenureState.ACTIVE:
            end_tenure(actor=None, tenure=tenure, now=now, reason="离任")
            outbox.deliver_pending(now=now)

    def test_the_database_itself_refuses_an_open_case_that_nobody_holds(self) -> None:
        case = self.report("路灯不亮", NOW)
        for change in ({"holder_tenure": None, "holder_organisation": None}, {"resolve_due_at": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Case.objects.filter(pk=case.pk).update(**change)

    def test_every_move_of_the_lifecycle_is_walked(self) -> None:
        answered = {"arrive", "joint_result", "return_whistle"}
        assert {m.name for m in LIFECYCLE.moves} - set(MOVES) <= answered | {"join"}
