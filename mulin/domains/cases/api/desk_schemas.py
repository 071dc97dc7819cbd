"""What the API takes and answers about a desk's and a holder's lists."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from mulin.core.revealing.queries import State
from mulin.web.api import Id, RefusalOut, Text, Word
from mulin.web.api_revealing import RevealIn


class FiltersIn(Schema):
    """The filters of the desk's list, as in its address; empty means not narrowed, and only open cases."""

    status: Word = ""
    state: Word = ""
    group: Word = ""
    category: Word = ""
    area: Word = ""
    grid: Word = ""
    tier: Word = ""
    urgent: Word = ""
    channel: Word = ""
    since: Word = ""
    until: Word = ""
    text: Word = ""
    sort: Word = ""


class PageIn(FiltersIn):
    after: Word = ""
    before: Word = ""


class FrameIn(FiltersIn):
    """`bbox`: west,south,east,north; without it everything."""

    bbox: Word = ""


class ExportIn(RevealIn):
    filters: FiltersIn = FiltersIn()
    format: Literal["csv", "xlsx"] = "csv"


class ExportOut(Schema):
    """A file of yours at GET /exports/{id}, with a watermark in every row; deleted at `expires_at`."""

    id: int
    name: str
    rows: int
    bytes: int
    expires_at: datetime


class ViewIn(Schema):
    """A name of at most 40 letters; the same name again replaces the filters kept under it."""

    name: Word
    filters: FiltersIn = FiltersIn()


class ViewOut(Schema):
    id: int
    name: str
    filters: dict[str, str]


class RemovedOut(Schema):
    removed: int


class MapOut(Schema):
    """GeoJSON: at most 3,000 points, the most pressing first."""

    type: str
    features: list[dict[str, Any]]


class MapRowOut(Schema):
    """An open case of the frame; `url` is its page, `urgency` the tone it has on the map."""

    url: str
    title: str
    place: str
    status: str
    urgency: str
    due_at: datetime | None
    started_at: datetime
    paused: bool


class MapListOut(Schema):
    """`more`: how many of the frame are not listed; `cut`: there are more than the map draws."""

    rows: list[MapRowOut]
    more: int
    cut: bool


class ProtectionIn(Schema):
    under_14: bool = False
    note: Text = ""


class ProtectionOut(Schema):
    """How `cases.reporters` and `cases.care` stand for you: `free` with a purpose, otherwise by a second person's word.

    `care` is null where there is no note.
    """

    under_14: bool
    reporters: State
    care: State | None


class SeatChoiceOut(Schema):
    """A tenure a case can be handed to; `away`: its holder is away and nobody stands in."""

    tenure_id: int
    tier: int
    place: str
    post: str
    holder: str
    away: bool


class DepartmentChoiceOut(Schema):
    """`role`: LEAD or ASSIST where a duty list or the category names it."""

    organisation_id: int
    name: str
    role: str


class ChoicesOut(Schema):
    seats: list[SeatChoiceOut]
    departments: list[DepartmentChoiceOut]


class DispatchIn(Schema):
    """To one tenure or organisation; without either each case goes to the lowest tier able to settle it."""

    cases: Annotated[list[Id], Field(max_length=1_000)]
    tenure: Id | None = None
    organisation: Id | None = None
    note: Text = ""


class OutcomeOut(Schema):
    case_id: int
    number: str
    holder: str
    refusal: RefusalOut | None


class OutcomesOut(Schema):
    done: int
    refused: int
    items: list[OutcomeOut]


class ClockOut(Schema):
    """A promise: by when, and in `why` how that time was worked out, step by step."""

    label: str
    due_at: datetime | None
    started_at: datetime
    done_at: datetime | None
    late: bool
    paused: bool
    provisional: bool
    why: list[str]


class SimilarOut(Schema):
    """An open case that may be the same matter; `percent` says how much speaks for it."""

    id: int
    number: str
    text: str
    category: str
    status: str
    at: datetime
    where: str
    percent: int
    may_merge: bool


class RelationOut(Schema):
    """A case merged into this one or it into that (`into`, `merged`), or split (`from`, `part`)."""

    relation: str
    id: int
    number: str
    status: str


class PassedOut(Schema):
    """A seat passed over at dispatch because nobody was there."""

    place: str
    tier: int
    absent: bool


class CategoryHintOut(Schema):
    code: str
    name: str
    because: str


class RelatedOut(Schema):
    similar: list[SimilarOut]
    relations: list[RelationOut]
    passed_over: list[PassedOut]
    categories: list[CategoryHintOut]


Section = Literal["overdue", "new", "working", "paused", "unrated"]


class TodayRowOut(Schema):
    """A case you hold; `has_phone`: its reporter left a number, which POST /cases/{id}/reporters reveals."""

    id: int
    section: Section
    number: str
    status: str
    category: str
    place: str
    excerpt: str
    due_at: datetime | None
    urgent: bool
    round: int
    has_phone: bool


class TodayOut(Schema):
    items: list[TodayRowOut]
    next_key: str | None


class WhistleRowOut(Schema):
    id: int
    case_id: int
    number: str
    state: str
    category: str
    place: str
    organisation: str
    ask: str
    caller: str
    caller_phone: str
    called_at: datetime
    arrive_due_at: datetime
    arrived_at: datetime | None
    answered_at: datetime | None
    answer: str


class WhistlesOut(Schema):
    items: list[WhistleRowOut]
    next_key: str | None
