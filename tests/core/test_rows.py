"""A row made the short way is the row Django would have made."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db.models import Model
from django.db.models.signals import post_init, pre_init

from mulin.core.models import OutboxMessage
from mulin.core.rows import new_row, read_row
from mulin.domains.accounts.models import Notice, User
from mulin.domains.cases.models import Step

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
OURS = [model for model in apps.get_models() if model.__module__.startswith("mulin.")]
MADE_HERE = {
    "accounts.User", "cases.Case", "cases.Step", "cases.Reporter", "core.AuditRecord", "core.IdempotencyKey",
    "core.OutboxMessage",
}  # fmt: skip


def columns(row: Model) -> dict[str, object]:
    """Return the values but those made for each row alone (a random code, a time)."""
    made = [
        f.attname
        for f in row._meta.concrete_fields
        if f.has_default() and callable(f.default) and f.default not in (dict, list)
    ]
    return {f.attname: row.__dict__[f.attname] for f in row._meta.concrete_fields if f.attname not in made}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_model_gets_the_defaults_django_gives(model):
    ours = new_row(model)
    assert columns(ours) == columns(model())
    assert (ours._state.adding, ours._state.db) == (True, None)


def test_two_rows_share_no_list_or_mapping():
    first, second = new_row(Step), new_row(Step)
    first.data["楼"] = 1
    assert second.data == {}


def test_nobody_listens_to_a_row_being_made():
    """Who does would not hear of those made here."""
    hot = [model for model in OURS if model._meta.label in MADE_HERE]
    assert len(hot) == len(MADE_HERE)
    assert not any(signal.has_listeners(model) for signal in (pre_init, post_init) for model in hot)


def test_a_relation_is_given_as_a_row_or_by_its_key():
    user = new_row(User, id=7, name="王芳")
    assert new_row(Notice, user=user).user is user
    assert new_row(Notice, user=user).user_id == 7
    assert new_row(Notice, user_id=7).user_id == 7
    assert new_row(Notice, user=None).user_id is None


def test_an_unknown_name_is_refused():
    with pytest.raises(TypeError, match="colour"):
        new_row(OutboxMessage, colour="red")


@pytest.mark.django_db
def test_a_row_read_in_part_asks_for_the_rest():
    saved = User.objects.create(username="wang", name="王芳", created_at=NOW)
    row = read_row(User, ["id", "username"], [saved.pk, "wang"])
    assert (row, row.name) == (saved, "王芳")
    row.name = "王芳芳"
    row.save(update_fields=["name"])
    assert User.objects.get().name == "王芳芳"
