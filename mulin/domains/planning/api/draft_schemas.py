"""What the API takes and answers about drafts of grids."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from mulin.domains.accounts.models import User
from mulin.domains.planning.api.values import Label, Name
from mulin.domains.planning.models import Comment, Draft
from mulin.domains.planning.pages import drafts
from mulin.domains.planning.pages.comparing import Comparison
from mulin.domains.planning.pages.drafts import DEFAULT_LEVEL, PlanView
from mulin.domains.planning.queries import plans
from mulin.domains.planning.states import AT_WORK
from mulin.web.api import AreaCode, Id, Text

Households = Annotated[int, Field(ge=0, le=100_000)]
Level = Annotated[int, Field(ge=0, le=2)]
Seconds = Annotated[int, Field(ge=1, le=600)]
MOST_MOVED = 5_000


class AskIn(Schema):
    """A wish for a draft; without `area` your own. What is cared about: 0 not, 1 somewhat, 2 much."""

    area: AreaCode | None = None
    name: Name = ""
    lowest: Households = 300
    highest: Households = 500
    keeps_present: bool = True
    balance: Level = DEFAULT_LEVEL["balance"]
    compactness: Level = DEFAULT_LEVEL["compactness"]
    straddling: Level = DEFAULT_LEVEL["straddling"]
    change: Level = DEFAULT_LEVEL["change"]
    seconds: Seconds = 10


class ImproveIn(Schema):
    """Without `seconds` as long as before."""

    seconds: Seconds | None = None


class SeenIn(Schema):
    """`seen` is the `head` of the draft you looked at: whoever was faster is not undone."""

    seen: Id


class MoveBuildingsIn(SeenIn):
    """Buildings by their place ids; `to` is the label of a grid, -1 makes a new one."""

    buildings: Annotated[list[Id], Field(min_length=1, max_length=MOST_MOVED)]
    to: Annotated[int, Field(ge=-1, le=2**31 - 1)]


class LockIn(SeenIn):
    grid: Label
    locked: bool = True


class CommentIn(Schema):
    """`grid` is the label of the grid it is about; without it the whole draft."""

    text: Text
    grid: Label | None = None


class DraftRowOut(Schema):
    id: int
    name: str
    area_code: str
    area: str
    state: str
    asked_by: str
    asked_at: datetime
    lowest: int
    highest: int
    grids: int | None
    outside: int | None
    changed: int | None


class DraftsOut(Schema):
    items: list[DraftRowOut]
    next_key: int | None


class FigureOut(Schema):
    """`other` is the figure of today's grids, or in a comparison that of the second plan.

    `metis` are those of METIS' plans of the same ground, one for each number of grids beside each other.
    """

    name: str
    label: str
    value: float
    other: float | None
    metis: list[float | None]
    is_worse: bool


class BendOut(Schema):
    """A rule a grid bends. `tone`: bad may never be, warn needs a reason, neutral cannot be helped."""

    grid: int
    tone: str
    words: str


class DraftOut(Schema):
    """A draft with what stands beside its map; the hardest 12 bends, `more_bends` further ones.

    `refusal` says why there is no plan, or why it was sent back. `comparable` are drafts on the same ground.
    """

    id: int
    name: str
    area_code: str
    state: str
    state_name: str
    asked_at: datetime
    lowest: int
    highest: int
    keeps_present: bool
    time_limit_s: int
    from_date: date | None
    head: int | None
    is_at_work: bool
    is_stopping: bool
    seconds: float
    refusal: str
    figures: list[FigureOut]
    bends: list[BendOut]
    more_bends: int
    certificates: list[str]
    locked: list[int]
    can_undo: bool
    can_redo: bool
    may_edit: bool
    may_stop: bool
    may_compute: bool
    may_publish: bool
    comparable: list[int]


class GridOut(Schema):
    label: int
    name: str
    code: str
    households: int
    buildings: int
    locked: bool


class PlanOut(Schema):
    """A plan: `labels` has the grid of each of `buildings` (place ids), -1 for none."""

    head: int | None
    state: str
    is_at_work: bool
    grids: list[GridOut]
    buildings: list[int]
    labels: list[int]


class CommentOut(Schema):
    id: int
    text: str
    grid: int | None
    author: str
    written_at: datetime


class CommentsOut(Schema):
    items: list[CommentOut]
    next_key: int | None


class MovedOut(Schema):
    """A building that has another grid in the second plan; `reason` where the first is today's."""

    building: str
    first: str
    second: str
    reason: str


class ComparisonOut(Schema):
    """Two plans beside each other; `moved` names the first 200 buildings."""

    first: str
    second: str
    figures: list[FigureOut]
    buildings: int
    households: int
    moved: list[MovedOut]


def draft_rows(found: Sequence[Draft]) -> list[DraftRowOut]:
    return [_row(one, line) for one, line in zip(found, drafts.rows(found), strict=True)]


def _row(one: Draft, line: drafts.DraftRow) -> DraftRowOut:
    return DraftRowOut(
        id=one.pk,
        name=one.name,
        area_code=one.area_code,
        area=line.area,
        state=one.state,
        asked_by=line.asked_by,
        asked_at=one.asked_at,
        lowest=one.lowest,
        highest=one.highest,
        grids=line.grids,
        outside=line.outside,
        changed=line.changed,
    )


def draft_out(user: User, found: Draft, *, now: datetime) -> DraftOut:
    panel = drafts.panel(found, found.head, drafts.rights_of(user, found, now=now), drafts.names_in(found))
    return DraftOut(
        id=found.pk,
        name=found.name,
        area_code=found.area_code,
        state=found.state,
        state_name=panel.state,
        asked_at=found.asked_at,
        lowest=found.lowest,
        highest=found.highest,
        keeps_present=found.keeps_present,
        time_limit_s=found.time_limit_s,
        from_date=found.from_date,
        head=found.head_id,
        is_at_work=panel.is_at_work,
        is_stopping=panel.is_stopping,
        seconds=panel.seconds,
        refusal=panel.refusal,
        figures=[FigureOut.from_orm(one) for one in panel.figures],
        bends=[BendOut(grid=one.label, tone=one.tone, words=one.words) for one in panel.bends],
        more_bends=panel.more_bends,
        certificates=panel.certificates,
        locked=found.head.locked if found.head else [],
        can_undo=panel.can_undo,
        can_redo=panel.can_redo,
        may_edit=panel.may_edit,
        may_stop=panel.may_stop,
        may_compute=panel.may_compute,
        may_publish=panel.may_publish,
        comparable=[one.pk for one in plans.siblings(found)],
    )


def plan_out(found: Draft, view: PlanView | None) -> PlanOut:
    rows: dict[str, Any] = {"grids": [], "buildings": [], "labels": []}
    if view is not None:
        labels = view.grid.tolist()
        rows = {
            "grids": [GridOut(**row) for row in drafts.grid_rows(view, sorted(set(labels)), {})],
            "buildings": view.ground.arrays.building_ids.tolist(),
            "labels": labels,
        }
    return PlanOut(head=found.head_id, state=found.state, is_at_work=found.state in AT_WORK, **rows)


def comment_out(one: Comment) -> CommentOut:
    return CommentOut(id=one.pk, text=one.text, grid=one.label, author=one.author.name, written_at=one.written_at)


def comparison_out(found: Comparison) -> ComparisonOut:
    return ComparisonOut(
        first=found.first,
        second=found.second,
        figures=[FigureOut.from_orm(one) for one in found.figures],
        buildings=found.buildings,
        households=found.households,
        moved=[
            MovedOut(building=building, first=first, second=second, reason=reason)
            for (building, first, second), reason in found.rows
        ],
    )
