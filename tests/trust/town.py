"""Run inside an installation of a test: build a small town, and say afterwards what is there."""

import json
from collections import Counter
from datetime import UTC, datetime

from mulin.commands.seed import seed_reference
from mulin.core.models import DeliveryState, OutboxMessage
from mulin.domains.accounts.models import Notice
from mulin.domains.accounts.services import issue_token
from mulin.domains.cases.models import Case, Step
from mulin.domains.cases.queries import history
from tests.factories import make_town


def build() -> None:
    """Print a door code and a token of the community desk."""
    now = datetime.now(UTC)
    seed_reference(now=now)
    town = make_town()
    token = issue_token(actor=None, user=town.users["community"], now=now, application="test")
    print(json.dumps({"board_code": town.board_code(), "token": token}))


def pending() -> None:
    """Print how many messages wait for the worker."""
    print(OutboxMessage.objects.exclude(state=DeliveryState.DONE).count())


def inventory() -> None:
    """Print what the installation holds: receipts, dispatches per case, notices per message, faults of chains."""
    dispatches = Counter(Step.objects.filter(move="dispatch").values_list("case_id", flat=True))
    notices = Counter(Notice.objects.values_list("source", flat=True))
    held = Case.objects.exclude(holder_tenure=None, holder_organisation=None)
    print(
        json.dumps(
            {
                "receipts": list(Case.objects.values_list("receipt_code", flat=True)),
                "held": held.count(),
                "dispatches": sorted(set(dispatches.values())),
                "dispatched": len(dispatches),
                "notices": sorted(set(notices.values())),
                "noticed": len(notices),
                "faults": list(history.faults()),
            }
        )
    )
