"""The only way from an id or a code to what somebody may plan."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotAllowed, NotFound
from mulin.domains.accounts.models import User
from mulin.domains.duty.models import PostKind
from mulin.domains.duty.queries import scope_of
from mulin.domains.places.models import Place
from mulin.domains.places.queries import Area, ancestor_codes, area_by_code
from mulin.domains.planning.models import Draft, GroundImport, Publication, StaffingDraft, StaffingPerson
from mulin.domains.planning.queries import ground_imports, plans, publications, staffing

SEE, DRAFT, PUBLISH, IMPORT = "planning.see", "planning.draft", "planning.publish", "planning.import"


class AreaNotYours(NotAllowed):
    code = "planning_area_not_yours"
    sentence = _("这个地方不在您规划的范围内。")
    remedy = _("请选择您所在街道、社区的范围，或联系上一级工作人员。")


class DraftUnknown(NotFound):
    code = "draft_unknown"
    sentence = _("没有这份网格草案，或者不在您的范围内。")
    remedy = _("请从草案列表中打开。")


class NotPublished(NotFound):
    code = "draft_not_published"
    sentence = _("这份草案还没有定过生效日期。")
    remedy = _("请先在草案页“定生效日期”。")


def planner(user: User | AnonymousUser, permission: str) -> User:
    """Return the person if they hold the permission anywhere; raise NotAllowed."""
    if not isinstance(user, User) or not user.has_perm(permission):
        raise NotAllowed
    return user


def areas_of(permission: str, user: User | AnonymousUser, *, now: datetime) -> tuple[str, ...]:
    """Return where the person holds the permission; raise NotAllowed where that is nowhere."""
    return scope_of(planner(user, permission), permission, now=now).area_codes


def area_to(permission: str, user: User | AnonymousUser, area_code: str, *, now: datetime) -> Area:
    """Return the area asked for, or the person's own when none is; raise NotAllowed, AreaNotYours, PlaceUnknown."""
    own = areas_of(permission, user, now=now)
    if not own:
        raise AreaNotYours
    area = area_by_code(area_code or min(own))
    if not set(own) & set(ancestor_codes(area.code)):
        raise AreaNotYours
    return area


def own_areas(user: User | AnonymousUser, *, now: datetime) -> tuple[str, ...]:
    """Return the areas the person plans for; raise NotAllowed, AreaNotYours."""
    own = areas_of(SEE, user, now=now)
    if not own:
        raise AreaNotYours
    return own


def draft_to(permission: str, user: User | AnonymousUser, draft_id: int, *, now: datetime) -> Draft:
    """Return a draft the person may see; to change or publish it, it must lie in an area of theirs.

    Raises NotAllowed, DraftUnknown (hidden and not there are answered alike), AreaNotYours.
    """
    planner(user, permission)
    own = own_areas(user, now=now)
    found = plans.visible_to(own).select_related("head").filter(pk=draft_id).first()
    if found is None:
        raise DraftUnknown
    if permission != SEE:
        area_to(permission, user, found.area_code, now=now)
    return found


def may(permission: str, user: User | AnonymousUser, draft: Draft, *, now: datetime) -> bool:
    """Say whether the person may do this with the draft."""
    try:
        area_to(permission, user, draft.area_code, now=now)
    except NotAllowed:
        return False
    return True


def publication_to_see(user: User | AnonymousUser, draft_id: int, *, now: datetime) -> Publication:
    """Return the latest publication of a draft; raise NotAllowed, DraftUnknown, NotPublished."""
    draft = draft_to(SEE, user, draft_id, now=now)
    found = publications.of_draft(draft.pk)
    if found is None:
        raise NotPublished
    found.draft = draft
    return found


class StaffingUnknown(NotFound):
    code = "staffing_unknown"
    sentence = _("没有这份人员草案，或者不在您的范围内。")
    remedy = _("请从人员草案列表中打开。")


def staffing_to(permission: str, user: User | AnonymousUser, draft_id: int, *, now: datetime) -> StaffingDraft:
    """Return a staffing draft whose area the person may see, change or publish; raise StaffingUnknown."""
    own = areas_of(permission, user, now=now)
    found = staffing.visible_to(own).filter(pk=draft_id).first()
    if found is None:
        raise StaffingUnknown
    return found


def staffing_person(draft: StaffingDraft, row_id: int) -> StaffingPerson:
    """Return somebody of the draft; raise StaffingUnknown."""
    found = next((row for row in staffing.people_of(draft) if row.pk == row_id), None)
    if found is None:
        raise StaffingUnknown
    return found


def person_to_place(person_id: int) -> User:
    """Return somebody with an account in use; raise StaffingUnknown."""
    found = staffing.person(person_id)
    if found is None:
        raise StaffingUnknown(_("没有这个人，或者账号已停用。"))
    return found


def rough_point(place_id: int, *, area_code: str) -> Place:
    """Return an estate or community of the county; raise StaffingUnknown for anything finer."""
    found = staffing.rough_place(place_id, area_code=area_code)
    if found is None:
        raise StaffingUnknown(_("大致位置只能选社区或小区。"))
    return found


def grid_post(code: str, *, now: datetime) -> PostKind:
    """Return a post held in grids; raise StaffingUnknown."""
    found = next((post for post in staffing.grid_posts(now=now) if post.code == code), None)
    if found is None:
        raise StaffingUnknown(_("没有这种设在网格的岗位。"), remedy=_("可选：网格员、网格长、第一网格长。"))
    return found


class ImportUnknown(NotFound):
    code = "ground_import_unknown"
    sentence = _("没有这次导入，或者不在您的范围内。")
    remedy = _("请从导入列表中打开。")


def import_to(permission: str, user: User | AnonymousUser, import_id: int, *, now: datetime) -> GroundImport:
    """Return an import of the person's county; to change it, the county itself must be theirs.

    Raises NotAllowed, ImportUnknown, AreaNotYours.
    """
    own = areas_of(permission, user, now=now)
    found = ground_imports.visible_to(own).select_related("made_by").filter(pk=import_id).first()
    if found is None:
        raise ImportUnknown
    if permission != SEE:
        area_to(permission, user, found.area_code, now=now)
    return found


def may_import(user: User | AnonymousUser, job: GroundImport, *, now: datetime) -> bool:
    """Say whether the person may go on with the import."""
    try:
        area_to(IMPORT, user, job.area_code, now=now)
    except NotAllowed:
        return False
    return True
