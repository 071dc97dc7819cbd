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
from mulin.domains.planning.models.ground import (
    Facility,
    GroundImport,
    HouseholdCount,
    ImportedKey,
    ImportState,
    NeighbourLink,
    StagedRow,
)
from mulin.domains.planning.models.nets import CrossWalk, DepartmentGrid, DepartmentNet
from mulin.domains.planning.models.staffing import StaffingBan, StaffingDraft, StaffingPerson, StaffingState

__all__ = [
    "Comment",
    "CrossWalk",
    "DepartmentGrid",
    "DepartmentNet",
    "Draft",
    "Facility",
    "GridChange",
    "GroundImport",
    "HouseholdCount",
    "ImportState",
    "ImportedKey",
    "NeighbourLink",
    "PlanVersion",
    "Publication",
    "PublicationState",
    "Snapshot",
    "StaffingBan",
    "StaffingDraft",
    "StaffingPerson",
    "StaffingState",
    "StagedRow",
    "VersionKind",
]
