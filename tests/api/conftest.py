import pytest

from mulin.commands.seed import seed_reference
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
