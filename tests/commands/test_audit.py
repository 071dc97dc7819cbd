"""`mulin audit verify`: a step changed, removed, inserted or added is found, whoever wrote to the database."""

import pytest

from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Step
from mulin.domains.places import queries as places
from tests.factories import NOW


@pytest.fixture
def case(town):
    location = places.locate_board(town.board_code())
    case = services.report_case(actor=None, report=services.Report("楼道灯坏了", "0601", location), now=NOW)
    holder = case.holder_tenure.holder
    services.accept(actor=holder, case=case, now=NOW)
    services.contact(actor=holder, case=case, note="通过电话", now=NOW)
    services.report_case(actor=None, report=services.Report("另一件", "0601", location), now=NOW)
    return case


def test_untouched_histories_are_whole(case, run):
    result = run("audit", "verify")
    assert result.exit_code == 0
    assert "核对 2 件" in result.output


def changed(case):
    Step.objects.filter(case=case, sequence=3).update(note="没有接过")


def removed(case):
    Step.objects.filter(case=case, sequence=3).delete()


def cut_at_the_end(case):
    Step.objects.filter(case=case, sequence=4).delete()


def emptied(case):
    Step.objects.filter(case=case).delete()


def backdated(case):
    Step.objects.filter(case=case, sequence=2).update(taken_at=NOW.replace(year=2025))


def inserted(case):
    Step.objects.filter(case=case, sequence=4).update(sequence=5)
    forged = Step.objects.get(case=case, sequence=3)
    forged.pk, forged.sequence = None, 4
    forged.save()


def added(case):
    """The service chains a step as it should, then the case is put back as it was."""
    before = Case.objects.filter(pk=case.pk).values("step_count", "last_hash").get()
    services.contact(actor=case.holder_tenure.holder, case=case, note="后来补的", now=NOW)
    Case.objects.filter(pk=case.pk).update(**before)


@pytest.mark.parametrize(
    ("tamper", "sentence"),
    [
        (changed, "第 3 步的内容被改过"),
        (removed, "第 3 步不见了"),
        (cut_at_the_end, "第 4 步不见了"),
        (emptied, "第 1 步不见了"),
        (backdated, "第 2 步的内容被改过"),
        (inserted, "第 4 步接不上前一步"),
        (added, "第 5 步起是后来加上的"),
    ],
)
def test_tampering_is_found_and_named(case, run, tamper, sentence):
    tamper(case)
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert f"{case.number}: {sentence}" in result.output
    assert "有问题 1 件" in result.output


def test_one_case_can_be_looked_at_alone(case, run):
    changed(case)
    assert run("audit", "verify", "--case", case.number).exit_code == 1
    other = Case.objects.exclude(pk=case.pk).get()
    assert run("audit", "verify", "--case", other.number).exit_code == 0
    assert run("audit", "verify", "--case", "20260304-999999").exit_code == 2
    assert run("audit", "verify", "--case", "x").exit_code == 2
