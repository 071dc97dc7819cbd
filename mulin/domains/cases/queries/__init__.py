"""Every read of cases."""

from mulin.domains.cases.queries import directory
from mulin.domains.cases.queries.lists import (
    held_by,
    held_by_ended_tenures,
    known_external_keys,
    may_direct,
    may_hold,
    open_cases_at,
    open_cases_of,
    open_cases_on_ground,
    visible_to,
)

__all__ = [
    "directory",
    "held_by",
    "held_by_ended_tenures",
    "known_external_keys",
    "may_direct",
    "may_hold",
    "open_cases_at",
    "open_cases_of",
    "open_cases_on_ground",
    "visible_to",
]
