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
from mulin.domains.planning.models.nets import CrossWalk, DepartmentGrid, DepartmentNet
from mulin.domains.planning.models.staffing import StaffingBan, StaffingDraft, StaffingPerson, StaffingState

__all__ = [
    "Comment",
    "CrossWalk",
    "DepartmentGrid",
    "DepartmentNet",
    "Draft",
    "GridChange",
    "HouseholdCount",
    "NeighbourLink",
    "PlanVersion",
    "Publication",
    "PublicationState",
    "Snapshot",
    "StaffingBan",
    "StaffingDraft",
    "StaffingPerson",
    "StaffingState",
    "VersionKind",
]
