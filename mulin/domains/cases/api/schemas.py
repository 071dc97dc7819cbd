"""What the API takes and answers about cases."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from mulin.web.api import AreaCode, Code, Id, Moment, Text, Word

Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Answer = Literal["YES", "PARTLY", "NO"]
Mood = Literal["YES", "BASICALLY", "NO"]


class CategoryOut(Schema):
    """A kind of case with the rule in force today; amounts in minutes, or in days for WORKING_DAYS."""

    code: str
    group_code: str
    group: str
    name: str
    name_zh: str
    name_en: str
    lowest_tier: int
    urgent: bool
    respond_clock: str
    respond_amount: int
    resolve_clock: str
    resolve_amount: int


class SuggestIn(Schema):
    text: Text
    area: AreaCode | None = None


class SuggestionOut(Schema):
    code: str
    score: float
    because: list[str]


class WhereIn(Schema):
    board: Code | None = None
    place_id: Id | None = None
    lon: Degrees | None = None
    lat: Degrees | None = None
    area: AreaCode | None = None


class ReportIn(WhereIn):
    """What is wrong and where: a door code, a place, a point or an area. Contact is optional, also without it you are
    answered under the receipt code. Without a category the words decide.
    """

    text: Text
    category: Code | None = None
    address_text: Word = ""
    name: Word = ""
    phone: Word = ""
    room: Word = ""


class ReceiptOut(Schema):
    receipt_code: str
    number: str
    status: str
    category: str
    respond_due_at: datetime | None
    resolve_due_at: datetime | None


class HolderOut(Schema):
    """Who has it now; `stands_in`: for somebody who is away."""

    title: str
    place: str
    name: str
    phone: str
    stands_in: bool


class DueOut(Schema):
    label: str
    due_at: datetime | None
    paused: bool
    why: list[str]


class ToldOut(Schema):
    title: str
    at: datetime
    who: str
    text: str


class PhoneOut(Schema):
    """The mobile number that was left: whether it is confirmed, whether a code is on its way."""

    is_confirmed: bool
    is_asked: bool


class FollowOut(Schema):
    """A case as its receipt code shows it; `photos` are addresses that the same code opens.

    `phone` is there where a number can be confirmed; `asks_to_reopen`: the last rating said it was not solved.
    """

    code: str
    number: str
    category: str
    place: str
    address: str
    reported_at: datetime
    status: str
    joined: bool
    text: str
    photos: list[str]
    holder: HolderOut | None
    dues: list[DueOut]
    steps: list[ToldOut]
    result: str
    result_photos: list[str]
    can_rate: bool
    can_reopen: bool
    can_withdraw: bool
    reopen_until: datetime | None
    asks_to_reopen: bool
    phone: PhoneOut | None


class RatingIn(Schema):
    solved: Answer
    satisfied: Mood
    responded: bool = True
    note: Text = ""


class ReasonIn(Schema):
    reason: Text = ""


class DoneOut(Schema):
    """What a resident's move led to."""

    number: str
    status: str


class CaseRowOut(Schema):
    id: int
    number: str
    status: str
    excerpt: str
    category_id: int
    category: str
    area_code: str
    place: str
    grid: str
    address_text: str
    tier: int
    holder: str
    post: str
    reported_at: datetime
    resolve_due_at: datetime | None
    accept_due_at: datetime | None
    round: int
    emergency: bool
    channel: str


class CasePageOut(Schema):
    """One page of the list; `next_key` as `after` opens the next, `previous_key` as `before` the one before."""

    items: list[CaseRowOut]
    next_key: str
    previous_key: str


class StepOut(Schema):
    sequence: int
    move: str
    from_status: str
    to_status: str
    actor_name: str
    taken_at: datetime
    note: str
    public_note: str
    data: dict[str, Any]
    hash: str


class WhistleOut(Schema):
    id: int
    organisation_id: int
    organisation: str
    state: str
    ask: str
    called_at: datetime
    arrive_due_at: datetime
    arrived_at: datetime | None
    answered_at: datetime | None
    answer: str


class PhotoOut(Schema):
    id: int
    of: str
    url: str
    width: int
    height: int


class ReporterOut(Schema):
    """Who asked, masked; in full at `/cases/{id}/reporters` for who holds the case or has a desk over its place."""

    name: str
    phone: str


class RecordOut(Schema):
    """Whether the chain of the steps is whole: `fault` names the first step that was changed or is missing."""

    whole: bool
    fault: str
    words: str


class CaseOut(Schema):
    id: int
    number: str
    status: str
    text: str
    category: str
    category_code: str
    channel: str
    place_id: int
    place: str
    area_code: str
    grid_id: int | None
    building_id: int | None
    address_text: str
    lon: float | None
    lat: float | None
    outside_grids: bool
    tier: int
    holder: str
    holder_tenure_id: int | None
    holder_organisation_id: int | None
    round: int
    emergency: bool
    reported_at: datetime
    respond_due_at: datetime | None
    resolve_due_at: datetime | None
    accept_due_at: datetime | None
    first_contact_at: datetime | None
    resolved_at: datetime | None
    ended_at: datetime | None
    paused_until: datetime | None
    step_count: int
    result_text: str
    moves: list[str]
    steps: list[StepOut]
    record: RecordOut
    whistles: list[WhistleOut]
    photos: list[PhotoOut]
    reporters: list[ReporterOut]


class MoveOut(Schema):
    """A move you can make now, and the fields it asks for."""

    name: str
    label: str
    fields: list[str]


class MoveIn(Schema):
    """The fields of all moves; each move reads its own (`GET …/moves` names them)."""

    note: Text | None = None
    tenure: Id | None = None
    organisation: Id | None = None
    return_reason: Code | None = None
    reject_reason: Code | None = None
    pause_reason: Code | None = None
    until: Moment | None = None
    amount: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    result: Text | None = None
    into: Id | None = None
    text: Text | None = None
    category: Code | None = None
    public: bool | None = None
    seen: (
        Annotated[
            int, Field(ge=1, le=1_000_000, description="step_count as you know it; refused if it has moved on since")
        ]
        | None
    ) = None


class CountsOut(Schema):
    open: int
    overdue: int
    soon: int
    unaccepted: int
    returned: int
    unrated: int


class ReasonOut(Schema):
    code: str
    name_zh: str
    name_en: str


class ShareOut(Schema):
    part: float
    whole: int
    value: float | None


class RatesOut(Schema):
    """响应率 `responded`, 解决率 `solved`, 满意率 `satisfied` and their company; of areas, never of persons."""

    responded: ShareOut
    solved: ShareOut
    satisfied: ShareOut
    rated: ShareOut
    in_time: ShareOut
    returned: ShareOut
    reopened: ShareOut
    contacted: int
    median_minutes: float | None


class RateRowOut(Schema):
    key: str
    rates: RatesOut


class DefinitionOut(Schema):
    """How a measure is worked out, over which cases, by which text."""

    name: str
    how: str
    counted: str
    source: str


class RateTableOut(Schema):
    """`definitions`: those in force at the end of the period, as dated data from `valid_from` on."""

    area_code: str
    first: date
    last: date
    total: RatesOut
    rows: list[RateRowOut]
    valid_from: date
    definitions: list[DefinitionOut]


class EmergencyIn(Schema):
    area: AreaCode
    reason: Word
    ends_at: Moment


class EmergencyOut(Schema):
    id: int
    area_code: str
    area: str
    reason: str
    began_by: str
    began_at: datetime
    ends_at: datetime
    ended_at: datetime | None
