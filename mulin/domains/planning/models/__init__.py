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

__all__ = [
    "Comment",
    "Draft",
    "GridChange",
    "PlanVersion",
    "Publication",
    "PublicationState",
    "Snapshot",
    "VersionKind",
]
