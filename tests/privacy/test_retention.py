"""What is past its time goes, what is not stays; a killed run is gone on with; chains of history still hold."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from mulin.commands.seed import seed_reference
from mulin.core import worker
from mulin.core.audit.models import AuditRecord
from mulin.core.history import chain_hash
from mulin.core.models import IdempotencyKey, RetentionLine, RetentionRun
from mulin.core.privacy import periods, retention
from mulin.core.privacy.periods import Action
from mulin.domains.accounts.models import Notice, User
from mulin.domains.cases import services
from mulin.domains.cases.engine import photos
from mulin.domains.cases.models import Case, Photo, Reporter, Step
from mulin.domains.cases.queries import history
from mulin.domains.duty.models import Absence
from mulin.domains.places import queries as places
from mulin.domains.places.models import GroupMembership, Household
from tests.domains.cases.test_resident_pages import picture
from tests.factories import NOW, make_town

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SAID = "楼上漏水，请打 13912345678"


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    seed_reference(now=NOW)
    return make_town()


def ended_case(town, *, ended=NOW, **more) -> Case:
    report = services.Report(
        SAID, "0601", places.locate_board(town.board_code()), address_text="2单元501", contact=contact(), **more
    )
    case = services.report_case(actor=None, report=report, now=ended - DAY)
    services.withdraw(actor=None, case=case, reason="已经好了，别打 13912345678", now=ended)
    return Case.objects.get(pk=case.pk)


def contact() -> services.Contact:
    return services.Contact("王阿姨", "139 1234 5678", "501")


def done(run: RetentionRun) -> dict[str, int]:
    return {line.code: line.rows for line in run.lines.all() if line.rows}


def test_every_class_that_ends_has_somebody_who_ends_it():
    ending = {p.code: p for p in periods.periods(on=NOW.date()).values() if p.action is not Action.KEEP}
    by_task = {code for code, period in ending.items() if period.task}
    assert retention.codes() | by_task == set(ending)
    assert {ending[code].task for code in by_task} <= set(worker.names())


def test_contact_goes_first_then_words_and_the_chain_holds(town):
    case = ended_case(town)
    assert done(retention.carry_out(now=NOW + 182 * DAY)) == {}
    run = retention.carry_out(now=NOW + 184 * DAY)
    reporter = Reporter.objects.get(case=case)
    assert done(run)["CASE_CONTACT"] == 1
    assert (reporter.name, reporter.phone, reporter.phone_hash, reporter.room) == ("", "", "", "")
    assert Case.objects.get(pk=case.pk).text == SAID
    assert done(retention.carry_out(now=NOW + 1828 * DAY))["CASE_WORDS"] == 1
    case.refresh_from_db()
    assert (case.text, case.search_text, case.address_text, case.erased_at) == ("", "", "", NOW + 1828 * DAY)
    assert set(Step.objects.filter(case=case).values_list("note", "public_note")) == {("", "")}
    assert list(history.faults()) == []


def test_words_of_before_there_were_digests_are_erased_and_the_chain_holds(town):
    case = ended_case(town)
    last = Step.objects.filter(case=case).latest("sequence")
    last.words_digest = last.words_salt = ""
    last.hash = chain_hash(last.previous_hash, history.content(last, case.receipt_code))
    last.save()
    Case.objects.filter(pk=case.pk).update(last_hash=last.hash)
    assert list(history.faults()) == []
    retention.carry_out(now=NOW + 1828 * DAY)
    assert Step.objects.get(pk=last.pk).words_digest == history.ERASED_UNSALTED
    assert list(history.faults()) == []


@pytest.mark.parametrize("change", [{"public_note": "改过"}, {"words_salt": "0" * 32}, {"words_digest": "0" * 64}])
def test_changed_words_are_noticed(town, change):
    case = ended_case(town)
    last = Step.objects.filter(case=case).latest("sequence")
    Step.objects.filter(pk=last.pk).update(**change)
    assert list(history.faults()) == [(case.number, f"changed {last.sequence}")]


def test_words_written_into_an_erased_step_are_noticed(town):
    case = ended_case(town)
    retention.carry_out(now=NOW + 1828 * DAY)
    last = Step.objects.filter(case=case).latest("sequence")
    Step.objects.filter(pk=last.pk).update(public_note="后来写的")
    assert list(history.faults()) == [(case.number, f"changed {last.sequence}")]


def test_an_open_case_keeps_everything_however_old(town):
    report = services.Report(SAID, "0601", places.locate_board(town.board_code()), contact=contact())
    case = services.report_case(actor=None, report=report, now=NOW)
    retention.carry_out(now=NOW + 4000 * DAY)
    assert Reporter.objects.get(case=case).phone == "139 1234 5678"
    assert Case.objects.get(pk=case.pk).text == SAID


def test_photos_go_with_their_files(town):
    import io

    stored = photos.store(io.BytesIO(picture()))
    case = ended_case(town, photos=(stored,))
    path = photos.path_of(stored.file_name)
    retention.carry_out(now=NOW + 364 * DAY)
    assert path.exists()
    retention.carry_out(now=NOW + 366 * DAY)
    assert not path.exists()
    assert not Photo.objects.filter(case=case).exists()


def test_what_else_is_over(town):
    Household.objects.update(moved_out_on=NOW.date())
    first = Household.objects.order_by("pk").first()
    Household.objects.filter(pk=first.pk).update(moved_out_on=None)
    tenure = town.tenures["leader"]
    absence = Absence.objects.create(tenure=tenure, begins_at=NOW - DAY, ends_at=NOW, reason="住院")
    notice = Notice.objects.create(user=tenure.holder, source="x", kind="x", link="/", created_at=NOW)
    IdempotencyKey.objects.create(scope="x", key="x", fingerprint="x", answer="{}", created_at=NOW)
    stranger = town.users["stranger"]
    User.objects.filter(pk=stranger.pk).update(is_active=False, last_login=NOW)
    told = done(retention.carry_out(now=NOW + 732 * DAY))
    assert {"HOUSEHOLD", "ABSENCE", "NOTICE", "REPEAT", "ACCOUNT"} <= set(told)
    assert [h.pk for h in Household.objects.all()] == [first.pk]
    assert set(GroupMembership.objects.values_list("household", flat=True)) <= {first.pk}
    absence.refresh_from_db()
    stranger.refresh_from_db()
    assert absence.reason == ""
    assert not Notice.objects.filter(pk=notice.pk).exists()
    assert (stranger.name, stranger.work_phone) == ("离任人员", "")
    with translation.override("en"):
        stranger.refresh_from_db()
        assert stranger.name == "Former staff member"
        stranger.save()
    stranger.refresh_from_db()
    assert stranger.name == "离任人员"
    assert stranger.username == f"gone-{stranger.pk}"
    assert town.users["leader"].name == User.objects.get(pk=town.users["leader"].pk).name


def test_a_dry_run_counts_and_changes_nothing(town):
    case = ended_case(town)
    found = {one.period.code: one.rows for one in retention.waiting(now=NOW + 184 * DAY)}
    assert found["CASE_CONTACT"] == 1
    assert found["CASE_WORDS"] == 0
    assert Reporter.objects.get(case=case).phone == "139 1234 5678"
    assert not RetentionRun.objects.exists()


def test_done_twice_it_happens_once(town):
    ended_case(town)
    later = NOW + 184 * DAY
    assert done(retention.carry_out(now=later)).get("CASE_CONTACT") == 1
    assert "CASE_CONTACT" not in done(retention.carry_out(now=later))


def test_a_killed_run_is_gone_on_with(town, monkeypatch):
    for _number in range(5):
        ended_case(town)
    later = NOW + 184 * DAY
    batches: list[int] = []
    monkeypatch.setattr(retention, "BATCH", 2)
    real = retention._dispose_some

    def killed_after_two(*args, **kwargs):
        if len(batches) == 2:
            raise KeyboardInterrupt
        batches.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(retention, "_dispose_some", killed_after_two)
    with pytest.raises(KeyboardInterrupt):
        retention.carry_out(now=later)
    half = RetentionRun.objects.get()
    assert half.finished_at is None
    assert half.lines.get(code="CASE_CONTACT").rows == 4
    monkeypatch.setattr(retention, "_dispose_some", real)
    whole = retention.carry_out(now=later + timedelta(minutes=5))
    assert whole.pk == half.pk
    assert RetentionLine.objects.get(run=whole, code="CASE_CONTACT").rows == 5
    assert RetentionRun.objects.get().finished_at == later + timedelta(minutes=5)


def test_the_worker_does_it_every_day(town):
    ended_case(town, ended=timezone.now() - 400 * DAY)
    assert worker.run_now("core.retention", now=timezone.now())
    assert done(RetentionRun.objects.get())["CASE_CONTACT"] == 1


def test_the_desk_sees_that_the_words_were_erased(town, client):
    case = ended_case(town)
    retention.carry_out(now=NOW + 1828 * DAY)
    client.force_login(town.users["community"])
    assert "内容已到期擦除" in client.get(reverse("cases:detail", args=[case.pk])).content.decode()
    assert "内容已到期擦除" in client.get(reverse("cases:queue"), {"status": "all"}).content.decode()


def test_each_class_of_a_run_is_recorded_once_and_names_nobody(town):
    ended_case(town)
    ended_case(town)
    now = NOW + 184 * DAY
    run = retention.carry_out(now=now)
    rows = AuditRecord.objects.filter(action="retention.erased")
    lines = {str(line.pk): line for line in run.lines.all()}
    assert {row.object_id for row in rows} == set(lines)
    assert len(rows) == len(lines)
    contact = next(row for row in rows if lines[row.object_id].code == "CASE_CONTACT")
    assert (contact.kind, contact.actor_id, contact.at, contact.purpose) == ("WRITE", None, now, "RETENTION")
    assert contact.object_kind == "core.retentionline"
    assert " 2 行" in contact.purpose_note
    assert not any(word in contact.purpose_note for word in ("王", "1391", "501"))


def test_a_run_that_is_gone_on_with_records_a_class_once(town):
    ended_case(town)
    run = retention.carry_out(now=NOW + 184 * DAY)
    RetentionRun.objects.filter(pk=run.pk).update(finished_at=None)
    retention.carry_out(now=NOW + 185 * DAY)
    rows = AuditRecord.objects.filter(action="retention.erased")
    assert len(rows) == run.lines.count()
