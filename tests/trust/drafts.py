"""Run inside an installation of a test: ask for a draft, and say afterwards how it stands."""

import json
from datetime import UTC, datetime

from mulin.domains.planning.models import Draft
from mulin.domains.planning.queries import plans
from mulin.domains.planning.services import drafting
from mulin.domains.planning.services.drafting import Wish
from tests.domains.planning.drafting import street

COMMUNITY = "520303009009"


def ask() -> None:
    town = street(community_code=COMMUNITY)
    wish = Wish(lowest=40, highest=80, time_limit_s=8)
    drafting.ask_draft(actor=None, area_code=town.community.code, wish=wish, now=datetime.now(UTC))


def tell() -> None:
    """Print the state of the draft, how many versions its plan has, and how often it was begun."""
    draft = plans.draft(Draft.objects.get().pk)
    told = {
        "state": draft.state,
        "versions": draft.versions.count(),
        "buildings": len(plans.plan_of(draft.head)) if draft.head else 0,
        "attempts": draft.attempts,
    }
    print(json.dumps(told))
