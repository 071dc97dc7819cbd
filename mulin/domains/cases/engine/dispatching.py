"""Find the holder: place → lowest capable tier → the tenure there → a person; organisations by duty list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Refused
from mulin.core.inserting import insert
from mulin.domains.cases import rules
from mulin.domains.cases.engine import clocks
from mulin.domains.cases.engine.steps import holder_entry
from mulin.domains.cases.models import Case, DispatchGap
from mulin.domains.cases.queries import directory
from mulin.domains.cases.queries.directory import Kind, emergency_at
from mulin.domains.duty import queries as duty
from mulin.domains.duty.queries import Seat
from mulin.domains.organisations import queries as organisations
from mulin.domains.organisations.models import Organisation
from mulin.domains.places import queries as places
from mulin.domains.places.models import PlaceKind, Tier
from mulin.domains.places.queries import Location


class NobodyAtAll(Refused):
    code = "nobody_at_all"
    status = 503
    sentence = _("本区还没有设置任何值班岗，事项无人可派。")
    remedy = _("请紧急情况拨打 110、119、120；其他事项拨打 12345，并请管理员设置区级指挥中心。")


@dataclass(frozen=True)
class Holder:
    """Who takes a case: a tenure at a tier, or an organisation; with the gaps passed on the way."""

    tier: int
    tenure_id: int | None = None
    organisation: Organisation | None = None
    gaps: tuple[rules.Gap, ...] = ()
    seat: Seat | None = None

    def data(self) -> dict[str, Any]:
        """Return what the step that dispatches records, without asking the database for the names again."""
        seat = self.seat
        names = (seat.holder_name, seat.post_zh, seat.post_en) if seat else ("", "", "")
        return holder_entry(tier=self.tier, tenure_id=self.tenure_id, organisation=self.organisation, names=names)


_AREA_TIERS = {
    PlaceKind.COMMUNITY.value: Tier.COMMUNITY,
    PlaceKind.STREET.value: Tier.STREET,
    PlaceKind.COUNTY.value: Tier.COUNTY,
}


def chain_of(location: Location) -> list[rules.ChainLink]:
    """Return the places above a location with their tiers, lowest first."""
    below = (
        (location.group_id, Tier.CONTACT_GROUP),
        (location.building_id, Tier.BUILDING),
        (location.grid_id, Tier.GRID),
    )
    links = [rules.ChainLink(place_id, tier) for place_id, tier in below if place_id is not None]
    areas = places.area_path(location.area_code)
    return links + [rules.ChainLink(a.id, _AREA_TIERS[a.kind]) for a in areas if a.kind in _AREA_TIERS]


def location_of(case: Case) -> Location:
    """Return where the case lies as it was filed: a later redraw moves open cases by their own move."""
    return Location(
        case.place_id,
        case.area_code,
        (),
        case.grid_id,
        case.building_id,
        case.contact_group_id,
        case.lon,
        case.lat,
        case.outside_grids,
    )


def find_holder(
    location: Location, kind: Kind, *, now: datetime, spread: int = 0, lowest_tier: int | None = None
) -> Holder:
    """Return who takes the case, at `lowest_tier` or the tier of its kind. Raises NobodyAtAll.

    In an emergency (急时) dispatch is flat: grid or community at once, then the county, no street between.
    """
    tier = kind.lowest_tier if lowest_tier is None else lowest_tier
    chain = chain_of(location)
    if emergency_at(location.area_code, now=now):
        tier = max(tier, Tier.GRID) if lowest_tier is not None else min(max(tier, Tier.GRID), Tier.COMMUNITY)
        chain = [link for link in chain if link.tier != Tier.STREET]
    elif lowest_tier is None and tier >= Tier.COUNTY and kind.lead_kinds:
        lead = organisations.lead_for(kind.code, kind.lead_kinds, location.area_code, on=timezone.localdate(now))
        if lead is not None:
            return Holder(Tier.COUNTY, organisation=lead)
    return _along(chain, location, tier=tier, now=now, spread=spread)


def _along(chain: list[rules.ChainLink], location: Location, *, tier: int, now: datetime, spread: int) -> Holder:
    seats = duty.case_seats([link.place_id for link in chain], now=now)
    candidates = [rules.Candidate(s.tenure_id, s.place_id, s.tier, s.acting_id is not None, s.order) for s in seats]
    choice = rules.lowest_capable(chain, candidates, lowest_tier=tier, spread=spread)
    if choice.candidate is not None:
        seat = next(s for s in seats if s.tenure_id == choice.candidate.tenure_id)
        return Holder(seat.tier, seat.tenure_id, gaps=choice.gaps, seat=seat)
    centre = organisations.operations_centre(location.area_code, on=timezone.localdate(now))
    if centre is None:
        raise NobodyAtAll
    return Holder(Tier.COUNTY, organisation=centre, gaps=choice.gaps)


def give(case: Case, holder: Holder) -> None:
    """Write the holder into the unsaved case."""
    case.tier = holder.tier
    case.holder_tenure_id = holder.tenure_id
    case.holder_organisation = holder.organisation


def record_gaps(case: Case, gaps: tuple[rules.Gap, ...], *, now: datetime) -> None:
    found = [DispatchGap(case=case, place_id=g.place_id, tier=g.tier, absent=g.absent, found_at=now) for g in gaps]
    insert(*found, keyed=False)


def gap_data(gaps: tuple[rules.Gap, ...]) -> list[dict[str, int | bool]]:
    return [{"place": g.place_id, "tier": g.tier, "absent": g.absent} for g in gaps]


def kind_of(case: Case) -> directory.Kind:
    """Return the case's category with the rule it was filed under."""
    on = timezone.localdate(case.reported_at)
    code = next(c.code for c in directory.categories() if c.pk == case.category_id)
    return directory.kind(code, on=on, area_code=case.area_code)


def hand_to(case: Case, holder: Holder, *, now: datetime) -> None:
    """Give the locked, unsaved case to a holder, who has the time to respond anew; resolution keeps its deadline."""
    give(case, holder)
    record_gaps(case, holder.gaps, now=now)
    case.accept_due_at = clocks.accept_due(case, directory.rules_by_id()[case.rule_id], now=now)
    case.accepted_at = None
