"""Three people for every move: who may, who may see, a stranger. A refusal changes nothing."""

from datetime import timedelta

import pytest

from mulin.core import codes
from mulin.core.errors import NotAllowed, Refused, TooMany
from mulin.domains.cases import access, moving, queries, services
from mulin.domains.cases.models import Case, Step
from mulin.domains.cases.states import LIFECYCLE
from tests.factories import NOW, make_town, make_user, staff

SEEN = {
    "leader": True,
    "grid_worker": True,
    "grid_leader": True,
    "first_grid_leader": True,
    "community": True,
    "street": True,
    "county": True,
    "contact": False,
    "department": False,
    "housing": False,
    "stranger": False,
}


@pytest.fixture
def neighbour(town):
    return make_town(community_code="520303001002")


@pytest.mark.parametrize(("role", "seen"), SEEN.items())
def test_who_sees_a_case_of_the_first_building(town, neighbour, report, role, seen):
    case = report()
    assert queries.visible_to(town.users[role], now=NOW).filter(pk=case.pk).exists() is seen
    above = role in {"street", "county"}
    assert queries.visible_to(neighbour.users[role], now=NOW).filter(pk=case.pk).exists() is above


def test_a_leader_keeps_seeing_what_they_worked_on_and_sees_nothing_else(town, report):
    case, other = report(), report(category="0602")
    leader = town.users["leader"]
    services.escalate(actor=leader, case=case, reason="办不了", now=NOW)
    assert set(queries.visible_to(leader, now=NOW)) == {case}
    assert other not in queries.visible_to(leader, now=NOW)


def test_a_department_sees_what_it_is_asked_for(town, report):
    case = report(category="0801")
    desk = town.users["community"]
    services.accept(actor=desk, case=case, now=NOW)
    officer = town.users["department"]
    assert case not in queries.visible_to(officer, now=NOW)
    organisation = town.organisations["URBAN_MANAGEMENT"]
    services.whistle(actor=desk, case=case, organisation=organisation, ask="请到场", now=NOW)
    assert case in queries.visible_to(officer, now=NOW)
    case.refresh_from_db()
    assert {m.name for m in access.moves_for(officer, case, now=NOW)} == {"arrive", "joint_result", "return_whistle"}


# Who may make a move with a case the building leader holds; others who see it are refused, strangers find nothing.
WHO_MAY = [
    ("accept", {}, {"leader"}),
    ("escalate", {"note": "办不了"}, {"leader"}),
    ("return", {"return_reason": "WRONG_PLACE", "note": "不在本楼"}, {"leader"}),
    ("contact", {"note": "打过电话"}, {"leader"}),
    ("reassign", {}, {"community", "street", "county"}),
    ("recategorise", {"category": "0102"}, {"community", "street", "county"}),
    ("reject", {"reject_reason": "EMERGENCY_LINE"}, {"community", "street", "county"}),
    ("split", {"text": "还有一件", "category": "9901"}, {"community", "street", "county"}),
]


@pytest.mark.parametrize(("move", "fields", "may"), WHO_MAY, ids=[row[0] for row in WHO_MAY])
@pytest.mark.parametrize("role", sorted(SEEN))
def test_who_may_make_a_move(town, report, move, fields, may, role):
    case, steps = report(), Step.objects.count()
    if role in may:
        moving.make(town.users[role], case.pk, move, fields, now=NOW)
        assert Step.objects.count() > steps
        return
    with pytest.raises(NotAllowed if SEEN[role] else access.CaseUnknown):
        moving.make(town.users[role], case.pk, move, fields, now=NOW)
    assert Step.objects.count() == steps


def test_colleagues_of_one_desk_act_for_each_other(town, report):
    case, colleague = report(category="0801"), make_user("colleague")
    staff(colleague, "community_desk", town.community, seat=2)
    assert moving.make(colleague, case.pk, "accept", {}, now=NOW).status == "ACCEPTED"


def test_every_move_of_a_person_has_an_entrance():
    by_people = {m.name for m in LIFECYCLE.moves if m.permission not in {"system", "resident"}}
    assert by_people - {"arrive", "joint_result", "return_whistle"} == set(moving.FIELDS)


@pytest.mark.parametrize(
    ("move", "fields"),
    [
        ("escalate", {"note": "  "}),
        ("return", {"return_reason": "BECAUSE", "note": "x"}),
        ("whistle", {"organisation": "abc", "note": "x"}),
        ("reassign", {"tenure": "99999999999999999999999"}),
        ("merge", {"into": ""}),
        ("recategorise", {"category": "7777"}),
        ("split", {"text": "", "category": "9901"}),
        ("explode", {}),
        ("hand_over", {}),
        ("escalate_by_clock", {}),
        ("rate", {}),
    ],
)
def test_bad_fields_are_refused_and_change_nothing(town, report, move, fields):
    case = report(category="0801")
    before = Case.objects.values().get(pk=case.pk)
    with pytest.raises(Refused) as refused:
        moving.make(town.users["community"], case.pk, move, fields, now=NOW)
    assert refused.value.code
    assert str(refused.value)
    assert Case.objects.values().get(pk=case.pk) == before


def test_a_receipt_code_opens_its_case_however_it_is_written(town, report):
    case = report()
    spoken = codes.grouped(case.receipt_code).lower()
    assert access.case_by_receipt(spoken, address="10.0.0.1", now=NOW) == case


def test_guessing_receipt_codes_is_slowed_down(town, report):
    case = report()
    for _ in range(access.MOST_GUESSES):
        with pytest.raises(codes.CodeUnknown):
            access.case_by_receipt("AAAA-AAAA-AAAA", address="10.0.0.1", now=NOW)
    with pytest.raises(TooMany):
        access.case_by_receipt(case.receipt_code, address="10.0.0.1", now=NOW)
    assert access.case_by_receipt(case.receipt_code, address="10.0.0.2", now=NOW) == case
    assert access.case_by_receipt(case.receipt_code, address="10.0.0.1", now=NOW + timedelta(minutes=25)) == case
