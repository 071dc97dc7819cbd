"""Tables of planning, by what they are about."""

from mulin.domains.planning.models.drafts import (
    Comment,
    Draft,
    GridChange,
    PlanVersion,
    Publication,
    PublicationState,
    Snapshot,
    VersionKind,
)
from mulin.domains.planning.models.ground import HouseholdCount, NeighbourLink

__all__ = [
    "Comment",
    "Draft",
    "GridChange",
    "HouseholdCount",
    "NeighbourLink",
    "PlanVersion",
    "Publication",
    "PublicationState",
    "Snapshot",
    "VersionKind",
]
