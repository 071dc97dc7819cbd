"""What the API takes and answers about drafts of staffing."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from mulin.domains.planning.models import StaffingDraft
from mulin.domains.planning.pages import staffing as pages
from mulin.domains.planning.services.staffing import StaffingWish
from mulin.web.api import AreaCode, Code, Day, Id

Seats = Annotated[int, Field(ge=0, le=1_000)]
Metres = Annotated[int, Field(ge=0, le=1_000_000)]


class RulesIn(Schema):
    """People of a grid, what a change must save in m, how far anybody may be sent; `is_fairest`: shorten the longest
    way first.
    """

    lowest: Seats = StaffingWish.lowest
    highest: Seats = StaffingWish.highest
    change_m: Metres = StaffingWish.change_m
    farthest_m: Metres | None = StaffingWish.farthest_m
    is_fairest: bool = StaffingWish.is_fairest

    def wish(self) -> StaffingWish:
        return StaffingWish(**self.model_dump())


class MakeIn(Schema):
    """Without `area` your own."""

    area: AreaCode | None = None
    post: Code
    rules: RulesIn = RulesIn()


class AddIn(Schema):
    person: Id
    near: Id | None = None


class ChoiceIn(Schema):
    grid: Id | None = None


class BanIn(Schema):
    grid: Id


class NearIn(Schema):
    near: Id | None = None


class FromIn(Schema):
    from_date: Day


class StaffingRowOut(Schema):
    id: int
    area_code: str
    area: str
    post: str
    state: str
    made_by: str
    made_at: datetime
    problems: int


class StaffingListOut(Schema):
    items: list[StaffingRowOut]
    next_key: int | None
    posts: list[str]


class StaffedPersonOut(Schema):
    """Somebody in the draft: `change` is stays, moves, comes, leaves or waits; ways in m where they are known."""

    id: int
    person_id: int
    name: str
    change: str
    present: str
    proposed: str
    grid_id: int | None
    before_m: float | None
    after_m: float | None
    near: str
    is_chosen: bool
    bans: list[str]


class StaffedGridOut(Schema):
    id: int
    code: str
    name: str


class FiguresOut(Schema):
    """What was reached, beside "nearest first"; `gap_m` 0: nothing can be better."""

    total_m: float = 0.0
    farthest_m: float | None = None
    gap_m: float = 0.0
    greedy_total_m: float = 0.0
    greedy_farthest_m: float | None = None
    reserve: int = 0


class StaffingOut(Schema):
    """A draft; `problems` says of each rule that cannot be kept what stands against it."""

    id: int
    area_code: str
    area: str
    post: str
    state: str
    lowest: int
    highest: int
    change_m: int
    farthest_m: int | None
    is_fairest: bool
    made_at: datetime
    from_date: date | None
    figures: FiguresOut
    people: list[StaffedPersonOut]
    changes: int
    grids: list[StaffedGridOut]
    empty_grids: list[str]
    problems: list[str]


class RoughPlaceOut(Schema):
    id: int
    kind: str
    name: str
    area_code: str


class CandidateOut(Schema):
    id: int
    name: str


def staffing_rows(found: Sequence[StaffingDraft]) -> list[StaffingRowOut]:
    return [
        StaffingRowOut(
            id=one.pk,
            area_code=one.area_code,
            area=line.area,
            post=one.post_kind.code,
            state=one.state,
            made_by=line.made_by,
            made_at=one.made_at,
            problems=line.problems,
        )
        for one, line in zip(found, pages.draft_entries(found), strict=True)
    ]


def staffing_out(found: StaffingDraft, *, now: datetime) -> StaffingOut:
    page = pages.staffing_page(found, now=now)
    return StaffingOut(
        id=found.pk,
        area_code=found.area_code,
        area=page.area,
        post=found.post_kind.code,
        state=found.state,
        lowest=found.lowest,
        highest=found.highest,
        change_m=found.change_m,
        farthest_m=found.farthest_m,
        is_fairest=found.is_fairest,
        made_at=found.made_at,
        from_date=found.from_date,
        figures=FiguresOut.model_validate(found.figures),
        people=[_person(row) for row in page.rows],
        changes=page.changes,
        grids=[StaffedGridOut.from_orm(grid) for grid in page.grids],
        empty_grids=list(page.empty_grids),
        problems=list(page.problems),
    )


def _person(row: pages.PersonRow) -> StaffedPersonOut:
    return StaffedPersonOut(
        id=row.id,
        person_id=row.person_id,
        name=row.name,
        change=row.change,
        present=row.present,
        proposed=row.proposed,
        grid_id=row.grid_id,
        before_m=row.before_m,
        after_m=row.after_m,
        near=row.from_where,
        is_chosen=row.is_chosen,
        bans=list(row.bans),
    )
