"""Every field of every table says what it holds about people, why, and how long."""

from datetime import UTC, date, datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.db.models import BinaryField

from mulin.core.encryption import EncryptedTextField
from mulin.core.privacy import classes, periods
from mulin.core.privacy.classes import Sensitivity
from mulin.core.privacy.periods import Action

TODAY = date(2026, 11, 22)
# Work phones stand on the public board of who is responsible.
ON_THE_PUBLIC_BOARD = {"accounts.user.name", "accounts.user.work_phone", "accounts.user.verified_phone"}
WORDS_OF_PERSONS = ("name", "phone", "room", "address_text", "text", "note", "public_note", "result_text", "reason")


def our_fields() -> dict[str, object]:
    return {
        f"{model._meta.app_label}.{model._meta.model_name}.{field.name}": field
        for model in apps.get_models()
        if model.__module__.startswith("mulin.")
        for field in model._meta.local_concrete_fields
    }


def test_every_field_is_classed_and_no_class_is_without_a_field():
    assert sorted(set(our_fields()) ^ set(classes.fields())) == []


def test_a_class_stands_in_the_file_of_its_domain_once():
    for config in apps.get_app_configs():
        if config.name.startswith("mulin.") and classes.file_of(config).exists():
            lines = classes.file_of(config).read_text(encoding="utf-8").splitlines()[1:]
            assert len({tuple(line.split(",")[:2]) for line in lines}) == len(lines), config.label


def test_personal_data_has_a_purpose_an_article_and_an_end():
    wrong = [
        one.name
        for one in classes.fields().values()
        if (one.purpose is not None and one.retention in periods.periods(on=TODAY)) != one.sensitivity.is_personal
    ]
    assert wrong == []
    assert all(
        one.purpose is None and one.retention == ""
        for one in classes.fields().values()
        if not one.sensitivity.is_personal
    )
    assert all(purpose.basis.zh and purpose.basis.en for purpose in classes.purposes().values())


def test_what_is_sensitive_is_encrypted_or_no_words():
    plain = [
        one.name
        for one in classes.fields().values()
        if one.sensitivity is Sensitivity.SENSITIVE and not isinstance(our_fields()[one.name], EncryptedTextField)
    ]
    # A yes-or-no, and the random name and the hash of a picture: none of them tells anything by itself.
    assert sorted(plain) == ["cases.care.under_14", "cases.photo.file_name", "cases.photo.sha256"]


def test_what_tells_who_a_resident_is_is_encrypted():
    plain = [
        one.name
        for one in classes.fields().values()
        if one.sensitivity.is_personal and one.field in WORDS_OF_PERSONS and one.app_label in ("cases", "places")
        if not isinstance(our_fields()[one.name], BinaryField)
    ]
    assert plain == ["cases.savedview.name"]
    assert set(classes.fields()) >= ON_THE_PUBLIC_BOARD


def test_periods_are_dated_cited_and_count():
    found = periods.periods(on=TODAY)
    assert all(period.source and period.name.zh and period.name.en for period in found.values())
    assert {p.code for p in found.values() if p.days is None} == {
        p.code for p in found.values() if p.action is Action.KEEP
    }
    now = datetime(2026, 11, 22, 4, tzinfo=UTC)
    assert found["CASE_CONTACT"].before(now) == now - timedelta(days=183)
    assert found["SIGN_IN_LOG"].days == settings.MULIN_SIGN_IN_LOG_DAYS >= 183
    assert found["AUDIT"].days == settings.MULIN_AUDIT_DAYS >= 183
    assert periods.periods(on=date(2025, 12, 31)) == {}


def test_a_district_may_have_its_own_periods(tmp_path, settings):
    own = tmp_path / "retention.csv"
    text = (classes.DATA / "retention.csv").read_text(encoding="utf-8")
    own.write_text(text.replace("ERASE,183", "ERASE,90"), encoding="utf-8")
    settings.MULIN_RETENTION_FILE = str(own)
    assert periods.periods(on=TODAY)["CASE_CONTACT"].days == 90
