"""A new key while everybody works: rows are found under both keys, codes and requests of before still count."""

import pytest

from mulin.commands.seed import seed_reference
from mulin.core.encryption import keyed_hash, keyed_hashes, keys, lookup, rotation
from mulin.core.idempotency import KeyReused, once
from mulin.core.models import IdempotencyKey
from mulin.domains.accounts import services as accounts
from mulin.domains.accounts.models import CodePurpose, PhoneCode
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, LearntWord, Reporter
from mulin.domains.cases.queries import filters
from mulin.domains.cases.services import learning, own_data
from mulin.domains.places import queries as places
from tests.factories import NOW, make_town, make_user

pytestmark = pytest.mark.django_db
PHONE = "13912345678"


@pytest.fixture(autouse=True)
def ring(tmp_path, settings):
    settings.MULIN_FIELD_KEYS_FILE = tmp_path / "field.keys"
    settings.MULIN_FIELD_KEYS = ""
    seed_reference(now=NOW)


@pytest.fixture
def reporters():
    town = make_town()
    for text in ("路灯坏了", "楼上漏水"):
        report = services.Report(
            text, "0601", places.locate_board(town.board_code()), contact=services.Contact(phone=PHONE)
        )
        services.report_case(actor=None, report=report, now=NOW)
    return list(Reporter.objects.order_by("pk"))


def found() -> int:
    condition = filters.identifier(PHONE)
    assert condition is not None
    return Case.objects.filter(condition).count()


def test_rows_are_found_before_during_and_after(reporters, monkeypatch):
    keys.add()
    assert not rotation.is_whole()
    assert found() == 2
    monkeypatch.setattr(rotation, "BATCH", 1)
    stood = set()
    for _rows in rotation.rotate():
        assert found() == 2
        hashes = Reporter.objects.values_list("phone_hash", flat=True)
        stood.add(tuple(sorted(lookup.is_current_hash(one) for one in hashes)))
    assert stood == {(False, False), (False, True), (True, True)}
    assert rotation.is_whole()
    assert set(Reporter.objects.values_list("phone_hash", flat=True)) == {keyed_hash(PHONE)}


def test_a_hash_left_under_an_older_key_makes_the_rotation_go_on(reporters):
    old = reporters[0].phone_hash
    keys.add()
    list(rotation.rotate())
    Reporter.objects.filter(pk=reporters[0].pk).update(phone_hash=old)
    assert rotation.add_key_if_whole() is None
    list(rotation.rotate())
    assert rotation.is_whole()
    assert Reporter.objects.get(pk=reporters[0].pk).phone_hash == keyed_hash(PHONE)


def test_a_row_somebody_changes_meanwhile_is_left_to_them(reporters):
    keys.add()
    sealed = next(one for one in rotation.sealed_models() if one.model is Reporter)
    read = [row for batch in rotation._batches(sealed) for row in batch.old]
    theirs = Reporter.objects.get(pk=reporters[0].pk)
    theirs.phone = "13800000000"
    theirs.save()
    rotation._rewrite(sealed, read)
    theirs.refresh_from_db()
    assert (theirs.phone, theirs.phone_hash) == ("13800000000", keyed_hash("13800000000"))
    assert Reporter.objects.get(pk=reporters[1].pk).phone_hash == keyed_hash(PHONE)


def test_rows_of_one_person_are_known_as_such_under_two_keys(reporters):
    first, second = reporters
    Reporter.objects.filter(pk=second.pk).update(case=first.case, created_at=first.created_at)
    keys.add()
    second.refresh_from_db()
    second.save()
    assert second.phone_hash != first.phone_hash
    Case.objects.filter(pk=first.case_id).update(merged_into=first.case_id)
    first.case.refresh_from_db()
    assert {one.pk for one in own_data.copies_of(case=first.case, reporter=first)} == {first.pk, second.pk}


def test_a_code_sent_before_is_good_after():
    somebody = make_user("somebody", work_phone=PHONE)
    accounts.ask_code(actor=somebody, phone=PHONE, purpose=CodePurpose.VERIFY_PHONE, address="127.0.0.1", now=NOW)
    keys.add()
    assert not accounts.verify_phone(actor=somebody, code="x", now=NOW)
    assert accounts.verify_phone(actor=somebody, code=PhoneCode.objects.get().sealed, now=NOW)


def test_recovery_codes_on_paper_are_good_after():
    somebody = make_user("somebody")
    codes = accounts.renew_recovery_codes(actor=somebody, now=NOW)
    keys.add()
    assert accounts.use_recovery_code(actor=somebody, code=codes[0], now=NOW) == len(codes) - 1


def test_a_request_sent_again_is_known_and_another_refused():
    def ask(content):
        return once(scope="s", key="k", content=content, now=NOW, do=lambda: {"done": IdempotencyKey.objects.count()})

    before = ask([PHONE])
    keys.add()
    assert ask([PHONE]) == before
    with pytest.raises(KeyReused):
        ask(["another"])


def test_a_word_heard_once_before_is_common_speech_when_heard_again():
    learning.learn(text="旋耳子响", category_code="0601")
    assert not LearntWord.objects.filter(word="旋耳").exists()
    keys.add()
    learning.learn(text="旋耳子响", category_code="0601")
    assert LearntWord.objects.filter(word="旋耳").exists()
    assert len(keyed_hashes("旋耳")) == 4
