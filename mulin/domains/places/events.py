"""What places tell the domains above."""

from mulin.core.outbox import event


@event("places.place_closed")
class PlaceClosed:
    """A place is no more from `ends_on`; posts there end with it."""

    place_id: int
    ends_on: str


@event("places.building_moved")
class BuildingMoved:
    """A building belongs to another grid from `from_date`; its open work goes to whoever coordinates that one."""

    building_id: int
    from_grid_id: int | None
    to_grid_id: int
    from_date: str


@event("places.grid_redrawn")
class GridRedrawn:
    """A grid has other ground from `from_date`, or none; what was reported at a spot it lost goes on elsewhere."""

    grid_id: int
    from_date: str
