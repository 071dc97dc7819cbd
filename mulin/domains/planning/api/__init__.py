"""Endpoints of planning, by what they are about."""

from mulin.domains.planning.api.circle import router as circle
from mulin.domains.planning.api.crosswalk import router as crosswalk
from mulin.domains.planning.api.drafts import router as drafts
from mulin.domains.planning.api.editing import router as editing
from mulin.domains.planning.api.grid_maps import router as grid_maps
from mulin.domains.planning.api.ground import router as ground
from mulin.domains.planning.api.groups import router as groups
from mulin.domains.planning.api.nets import router as nets
from mulin.domains.planning.api.publications import router as publications
from mulin.domains.planning.api.staffing import router as staffing

__all__ = [
    "circle",
    "crosswalk",
    "drafts",
    "editing",
    "grid_maps",
    "ground",
    "groups",
    "nets",
    "publications",
    "staffing",
]
