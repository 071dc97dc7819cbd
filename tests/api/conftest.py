import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mulin.commands.seed import seed_reference
from mulin.core import versions
from mulin.domains.accounts.services import issue_token
from tests.factories import NOW, make_town


@pytest.fixture
def town(db):
    seed_reference(now=NOW)
    return make_town()


@pytest.fixture
def token_of():
    """Return the headers with which a program acts for a person."""
    from django.utils import timezone

    def issue(user):
        return {"Authorization": f"Bearer {issue_token(actor=user, user=user, now=timezone.now())}"}

    return issue


@pytest.fixture
def call(client, token_of):
    """Return a caller of the API: `call(user, "GET", "/tenures", area=…)`; what is given goes into query or body."""

    def send(user, method, path, key="", **given):
        headers = (token_of(user) if user else {}) | ({"Idempotency-Key": key} if key else {})
        if method == "GET":
            return client.get(f"/api/v1{path}", given, headers=headers)
        return client.post(f"/api/v1{path}", given, content_type="application/json", headers=headers)

    return send


@pytest.fixture
def cost(client, token_of, monkeypatch):
    """Return what a request costs in queries, reference data being known."""
    # Whether reference data has changed is asked every two seconds, whatever the length of the list.
    monkeypatch.setattr(versions, "CHECK_EVERY_S", float("inf"))

    def measure(user, path, rows, of="items", **given):
        headers = token_of(user)
        client.get(f"/api/v1{path}", given, headers=headers)
        with CaptureQueriesContext(connection) as seen:
            found = client.get(f"/api/v1{path}", given, headers=headers).json()
        assert len(found if isinstance(found, list) else found[of]) == rows
        return len(seen)

    return measure
