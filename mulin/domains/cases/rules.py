"""The rules of cases: who holds, by when, what the rates are. Plain values in and out: no database, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from mulin.core.clocks import Allowance, CalendarYearMissing, ClockKind, Deadline, WorkCalendar, deadline
from mulin.core.clocks.kinds import Pause

MINUTES_PER_DAY = 24 * 60
PHONE_DIGITS = range(5, 16)
LONGEST_TEXT = 2_000
MOST_PHOTOS = 6


@dataclass(frozen=True)
class Candidate:
    """A seat at a place of the chain; the lowest `order` is asked first.

    `acting` is False while its holder is away without a substitute.
    """

    tenure_id: int
    place_id: int
    tier: int
    acting: bool
    order: int = 0


@dataclass(frozen=True)
class Gap:
    """A place of the chain at which nobody could take the case."""

    place_id: int
    tier: int
    absent: bool


@dataclass(frozen=True)
class Choice:
    """Who takes the case (None: nobody along the chain), and the gaps passed on the way up."""

    candidate: Candidate | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class ChainLink:
    place_id: int
    tier: int


def lowest_capable(
    chain: Sequence[ChainLink], candidates: Sequence[Candidate], *, lowest_tier: int, spread: int = 0
) -> Choice:
    """Return the holder at the lowest tier of the chain that is able (tier ≥ `lowest_tier`) and filled.

    `spread` shares cases between several seats of the same post.
    """
    gaps: list[Gap] = []
    for link in chain:
        if link.tier < lowest_tier:
            continue
        here = [c for c in candidates if c.place_id == link.place_id]
        acting = [c for c in here if c.acting]
        if acting:
            first = min(c.order for c in acting)
            preferred = [c for c in acting if c.order == first]
            return Choice(preferred[spread % len(preferred)], tuple(gaps))
        gaps.append(Gap(link.place_id, link.tier, absent=bool(here)))
    return Choice(None, tuple(gaps))


def emergency_allowance(allowance: Allowance) -> Allowance:
    """急时: the same amount on the continuous clock; a working day counts 24 hours."""
    if allowance.kind is ClockKind.WORKING_DAYS:
        return Allowance(allowance.amount * MINUTES_PER_DAY, ClockKind.CONTINUOUS)
    return Allowance(allowance.amount, ClockKind.CONTINUOUS)


@dataclass(frozen=True)
class Due:
    """A deadline; `provisional` when the calendar does not know the year and continuous time was counted instead.

    Continuous time is never longer than working time, so a provisional deadline breaks no promise.
    """

    deadline: Deadline
    provisional: bool = False


def due(started_at: datetime, allowance: Allowance, *, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> Due:
    try:
        return Due(deadline(started_at, allowance, calendar, pauses=tuple(pauses)))
    except CalendarYearMissing:
        strict = emergency_allowance(allowance)
        return Due(deadline(started_at, strict, calendar, pauses=tuple(pauses)), provisional=True)


@dataclass(frozen=True)
class RateDefinition:
    """One measure as dated data: what an answer weighs, which cases are left out, by which source."""

    code: str
    name_zh: str
    name_en: str
    weights: Mapping[str, float]
    excluded: frozenset[str]
    source: str


def rate_definition(row: Mapping[str, str]) -> RateDefinition:
    """Read a row of the definitions, with a numerator like solved:YES=1|solved:PARTLY=0.5."""
    weights = {}
    for part in filter(None, row["numerator"].split("|")):
        answer, _equals, weight = part.partition(":")[2].partition("=")
        weights[answer] = float(weight)
    excluded = frozenset(filter(None, row["excluded_statuses"].split("|")))
    return RateDefinition(row["code"], row["name_zh"], row["name_en"], weights, excluded, row.get("source", ""))


@dataclass(frozen=True)
class Share:
    """A part of a whole. `part` may be broken: an answer can weigh less than one."""

    part: float
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Rates:
    """响应率 解决率 满意率 by rating given; the others by case settled; the median by case first contacted."""

    responded: Share
    solved: Share
    satisfied: Share
    rated: Share
    in_time: Share
    returned: Share
    reopened: Share
    contacted: int
    median_minutes: float | None


def weighted(counts: Mapping[str, int], weights: Mapping[str, float]) -> float:
    """Return Σ weight × count; an answer without a weight counts nothing."""
    return sum(weights.get(answer, 0.0) * number for answer, number in counts.items())


def rates(
    definitions: Mapping[str, RateDefinition],
    *,
    rated: int,
    responded: int,
    solved: Mapping[str, int],
    satisfied: Mapping[str, int],
    settled: int,
    settled_rated: int,
    in_time: int,
    returned: int,
    reopened: int,
    minutes: Sequence[float],
) -> Rates:
    answers = {
        "RESPONSE_RATE": {"YES": responded, "NO": rated - responded},
        "SOLVED_RATE": solved,
        "SATISFIED_RATE": satisfied,
    }
    weighed = {code: weighted(counts, definitions[code].weights) for code, counts in answers.items()}
    return Rates(
        responded=Share(weighed["RESPONSE_RATE"], rated),
        solved=Share(weighed["SOLVED_RATE"], rated),
        satisfied=Share(weighed["SATISFIED_RATE"], rated),
        rated=Share(settled_rated, settled),
        in_time=Share(in_time, settled),
        returned=Share(returned, settled),
        reopened=Share(reopened, settled),
        contacted=len(minutes),
        median_minutes=median(minutes) if minutes else None,
    )


def phone_key(phone: str) -> str:
    """Return the digits a phone is found by: 139 1234-5678 and +86 13912345678 are one number."""
    digits = "".join(letter for letter in phone if letter in "0123456789")
    return digits.removeprefix("0086").removeprefix("86") if len(digits) > 11 else digits


def mobile(phone: str) -> str:
    """Return the eleven digits of a mobile number, which a short message reaches; nothing for another number."""
    digits = phone_key(phone)
    return digits if len(digits) == 11 and digits.startswith("1") else ""


def is_phone(text: str) -> bool:
    """Say whether somebody typed a phone number: digits with nothing but spaces, hyphens, brackets or a plus."""
    return set(text) <= set("0123456789 -+()") and len(phone_key(text)) in PHONE_DIGITS


PERSONAL_GROUPS = frozenset({"06", "08", "09", "11", "12", "13", "14", "15", "99"})
PERSONAL_KINDS = frozenset({"0511", "0514", "0515", "0708", "0709", "0710"})


def is_personal(category_code: str) -> bool:
    """Say whether a case of the category may tell about one neighbour, so that others must not learn it exists."""
    return category_code[:2] in PERSONAL_GROUPS or category_code in PERSONAL_KINDS
