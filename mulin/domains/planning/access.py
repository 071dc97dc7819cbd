"""The only way from an id or a code to what somebody may plan."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotAllowed
from mulin.domains.accounts.models import User
from mulin.domains.duty.queries import scope_of
from mulin.domains.places.queries import Area, ancestor_codes, area_by_code

SEE, DRAFT, PUBLISH = "planning.see", "planning.draft", "planning.publish"


class AreaNotYours(NotAllowed):
    code = "planning_area_not_yours"
    sentence = _("这个地方不在您规划的范围内。")
    remedy = _("请选择您所在街道、社区的范围，或联系上一级工作人员。")


def planner(user: User | AnonymousUser, permission: str) -> User:
    """Return the person if they hold the permission anywhere; raise NotAllowed."""
    if not isinstance(user, User) or not user.has_perm(permission):
        raise NotAllowed
    return user


def area_to(permission: str, user: User | AnonymousUser, area_code: str, *, now: datetime) -> Area:
    """Return the area asked for, or the person's own when none is; raise NotAllowed, AreaNotYours, PlaceUnknown."""
    own = scope_of(planner(user, permission), now=now).area_codes
    if not own:
        raise AreaNotYours
    area = area_by_code(area_code or min(own))
    if not set(own) & set(ancestor_codes(area.code)):
        raise AreaNotYours
    return area
