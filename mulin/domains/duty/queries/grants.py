"""Where roles without a post count: areas, grids and organisations by code or name, and the words for them."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q
from django.utils.translation import get_language

from mulin.domains.accounts.models import Grant
from mulin.domains.accounts.queries import GrantedAt
from mulin.domains.organisations.models import Organisation
from mulin.domains.places.models import AREA_KINDS, Place, PlaceKind

# Buildings and contact groups are their neighbours' posts: there a role comes with a tenure or not at all.
GRANTABLE = (*AREA_KINDS, PlaceKind.GRID)
MOST_NAMED = 8
MOST_OFFERED = 1_000


def named(text: str, *, today: date) -> list[GrantedAt]:
    """Return the areas, grids and organisations of this code or name; a code is one, a name may be several."""
    wanted = Q(code=text) | Q(name=text)
    places = Place.objects.filter(wanted, _standing(today), kind__in=GRANTABLE).order_by("code")
    offices = Organisation.objects.filter(wanted, _standing(today)).order_by("code")
    found = [*map(_of_place, places[:MOST_NAMED]), *map(_of_office, offices[:MOST_NAMED])]
    by_code = [one for one in found if one.code == text]
    return by_code or found


def offered(*, today: date) -> list[GrantedAt]:
    """Return areas and organisations to choose from; grids are too many and are written by code."""
    places = Place.objects.filter(_standing(today), kind__in=AREA_KINDS).order_by("code")
    offices = Organisation.objects.filter(_standing(today)).order_by("code")
    return [*map(_of_place, places[:MOST_OFFERED]), *map(_of_office, offices[:MOST_OFFERED])]


def names(grants: Sequence[Grant]) -> dict[int, str]:
    """Return the names of the places and organisations these are granted for, in two queries."""
    places = {one.place_id for one in grants if one.place_id is not None}
    offices = {one.organisation_id for one in grants if one.organisation_id is not None}
    of_place = dict(Place.objects.filter(pk__in=places).values_list("pk", "name")) if places else {}
    of_office = dict(Organisation.objects.filter(pk__in=offices).values_list("pk", "name")) if offices else {}
    found = {one.pk: of_place.get(one.place_id or 0) or of_office.get(one.organisation_id or 0) for one in grants}
    return {grant_id: name for grant_id, name in found.items() if name}


def labels(grants: Sequence[Grant]) -> Iterable[str]:
    """Return role and place of each, in the reader's language."""
    where, is_english = names(grants), (get_language() or "").startswith("en")
    for grant in grants:
        role = grant.role.name_en if is_english else grant.role.name_zh
        yield " · ".join(filter(None, (role, where.get(grant.pk, ""))))


def _standing(today: date) -> Q:
    return Q(ends_on=None) | Q(ends_on__gt=today)


def _of_place(place: Place) -> GrantedAt:
    return GrantedAt(place_id=place.pk, name=place.name, code=place.code)


def _of_office(office: Organisation) -> GrantedAt:
    return GrantedAt(organisation_id=office.pk, name=office.name, code=office.code)
