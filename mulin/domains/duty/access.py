"""The only way from an id to a tenure, or to a place or organisation whose posts are to be edited."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotAllowed, NotFound
from mulin.domains.accounts.models import User
from mulin.domains.duty import queries
from mulin.domains.duty.models import Absence, Tenure
from mulin.domains.duty.queries import Scope, posts
from mulin.domains.duty.queries.coverage import Ground
from mulin.domains.duty.queries.posts import Where
from mulin.domains.places.models import Place, PlaceKind
from mulin.domains.places.queries import ancestor_codes, area_by_code, contact_groups_of, within

SEE, MANAGE = "duty.see_coverage", "duty.manage"


class TenureUnknown(NotFound):
    code = "tenure_unknown"
    sentence = _("没有这个任职，或者不在这个地方。")
    remedy = _("请从列表中选择岗位。")


class OutsideOwnArea(NotAllowed):
    code = "outside_own_area"
    sentence = _("这个地方不在您负责的范围内。")
    remedy = _("请联系该处的社区或街道工作台。")


class PersonUnknown(NotFound):
    code = "person_unknown"
    sentence = _("没有这个人，或者账号已停用。")
    remedy = _("请按姓名、用户名或工作电话查找，或登记新的任职者。")


class GroupUnknown(NotFound):
    code = "contact_group_unknown"
    sentence = _("这栋楼没有这个联户组。")
    remedy = _("请从列表中选择，或不选而新建一个。")


def manager(user: User | AnonymousUser) -> User:
    """Return the person if they manage posts anywhere; raise NotAllowed."""
    if not isinstance(user, User) or not user.has_perm(MANAGE):
        raise NotAllowed
    return user


def person_to_appoint(person_id: int) -> User:
    """Return somebody with an account in use; raise PersonUnknown."""
    found = posts.active_user(person_id)
    if found is None:
        raise PersonUnknown
    return found


def group_in(building: Place, group_id: int) -> Place:
    """Return a contact group of the building; raise GroupUnknown."""
    found = next((group for group, _count in contact_groups_of(building.pk) if group.pk == group_id), None)
    if found is None:
        raise GroupUnknown
    return found


def tenure_near(tenure_id: int, *, area_code: str, now: datetime) -> Tenure:
    """Return an active tenure at a place in the county of `area_code`; raise TenureUnknown."""
    county = ancestor_codes(area_code[:6].ljust(12, "0"))[0]
    near = queries.active(now=now).filter(within(county, "place__area_code"))
    found = near.select_related("post_kind", "place").filter(pk=tenure_id).first()
    if found is None:
        raise TenureUnknown
    return found


def _scope(user: User | AnonymousUser, permission: str, now: datetime) -> Scope:
    if not isinstance(user, User) or not user.has_perm(permission):
        raise NotAllowed
    return queries.scope_of(user, permission, now=now)


def _covers(scope: Scope, area_code: str) -> bool:
    return bool(set(scope.area_codes) & set(ancestor_codes(area_code)))


def coverage_ground(user: User | AnonymousUser, *, area_code: str, grid_id: int | None, now: datetime) -> Ground:
    """Return the ground asked for, or the person's own when none is; raise OutsideOwnArea, PlaceUnknown."""
    scope = _scope(user, SEE, now)
    if grid_id is None and not area_code:
        if scope.area_codes:
            return Ground(min(scope.area_codes))
        grid_id = min(scope.grid_ids, default=None)
        if grid_id is None:
            raise OutsideOwnArea
    if grid_id is not None:
        grid = posts.grid(grid_id)
        if grid is None or not (grid_id in scope.grid_ids or _covers(scope, grid.area_code)):
            raise OutsideOwnArea
        return Ground(grid.area_code, grid_id)
    area_by_code(area_code)
    if not _covers(scope, area_code):
        raise OutsideOwnArea
    return Ground(area_code)


def desk_area(user: User | AnonymousUser, area_code: str, *, now: datetime) -> str:
    """Return the area if the person manages posts there; raise OutsideOwnArea, PlaceUnknown."""
    scope = _scope(user, MANAGE, now)
    area_by_code(area_code)
    if not _covers(scope, area_code):
        raise OutsideOwnArea
    return area_code


def place_of_posts(user: User | AnonymousUser, place_id: int, *, now: datetime) -> Where:
    """Return a place whose posts the person manages; raise OutsideOwnArea for any other."""
    scope = _scope(user, MANAGE, now)
    place = posts.place(place_id)
    if place is None or not _covers(scope, place.area_code):
        raise OutsideOwnArea
    return Where(place=place)


def building_of_posts(user: User | AnonymousUser, place_id: int, *, now: datetime) -> Place:
    """Return a building whose households the person may put into contact groups; raise OutsideOwnArea."""
    place = place_of_posts(user, place_id, now=now).place
    if place is None or place.kind != PlaceKind.BUILDING:
        raise OutsideOwnArea
    return place


def organisation_of_posts(user: User | AnonymousUser, organisation_id: int, *, now: datetime) -> Where:
    scope = _scope(user, MANAGE, now)
    organisation = posts.organisation(organisation_id)
    if organisation is None or not _covers(scope, organisation.area_code):
        raise OutsideOwnArea
    return Where(organisation=organisation)


def tenure_to_manage(user: User | AnonymousUser, tenure_id: int, *, now: datetime) -> Tenure:
    """Return a tenure within the person's own area; raise OutsideOwnArea for any other."""
    scope = _scope(user, MANAGE, now)
    found = Tenure.objects.select_related("place", "organisation", "post_kind", "holder").filter(pk=tenure_id).first()
    if found is None or not _covers(scope, Where(found.place, found.organisation).area_code):
        raise OutsideOwnArea
    return found


def absence_to_manage(user: User | AnonymousUser, absence_id: int, *, now: datetime) -> Absence:
    absence = Absence.objects.filter(pk=absence_id).first()
    if absence is None:
        raise OutsideOwnArea
    absence.tenure = tenure_to_manage(user, absence.tenure_id, now=now)
    return absence
