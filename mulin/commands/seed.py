"""The reference data every installation starts with: roles, posts, organisation kinds, categories, calendar."""

from datetime import datetime

from mulin.core import versions
from mulin.core.calendar_services import seed_calendar
from mulin.domains.accounts import services as accounts
from mulin.domains.cases.services import seeding
from mulin.domains.duty import services as duty
from mulin.domains.organisations import services as organisations


def seed_reference(*, now: datetime) -> None:
    """Load what is missing; what a district has edited stays. Safe to run at every start."""
    accounts.seed_roles(now=now)
    duty.seed_post_kinds(now=now)
    organisations.seed_kinds(now=now)
    seeding.seed_directory(now=now)
    seed_calendar(actor="mulin", now=now)
    versions.forget_all()
