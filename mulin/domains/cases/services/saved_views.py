"""A desk's filters kept under a name."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict, Invalid, NotFound
from mulin.domains.accounts.models import User
from mulin.domains.cases.models import SavedView
from mulin.domains.cases.queries.filters import Filters, phone_of

MOST_VIEWS = 30
LONGEST_NAME = 40


class ViewNameMissing(Invalid):
    code = "view_name_missing"
    sentence = _("请给视图起个名字，最多 40 字。")


class ViewUnknown(NotFound):
    code = "view_unknown"
    sentence = _("没有这个视图。")
    remedy = _("它可能已被删除，请刷新后再看。")


class TooManyViews(Conflict):
    code = "too_many_views"
    sentence = _("最多保存 30 个视图。")
    remedy = _("请先删除不再使用的视图。")


class PhoneNotKept(Invalid):
    code = "phone_not_kept"
    sentence = _("视图里不保存电话号码。")
    remedy = _("请先清除搜索框里的电话，再保存视图。")


@transaction.atomic
def keep(*, actor: User, name: str, filters: Filters, now: datetime) -> SavedView:
    """Save filters under a name; the same name again replaces them.

    Raises ViewNameMissing, TooManyViews, PhoneNotKept.
    """
    if phone_of(filters.text):
        raise PhoneNotKept
    name = name.replace("\x00", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise ViewNameMissing
    mine = SavedView.objects.filter(user=actor)
    if not mine.filter(name=name).exists() and mine.count() >= MOST_VIEWS:
        raise TooManyViews
    view, _created = SavedView.objects.update_or_create(user=actor, name=name, defaults={"filters": filters.as_query()})
    return view


@transaction.atomic
def remove(*, actor: User, view_id: int, now: datetime) -> None:
    """Delete a view of one's own. Raises ViewUnknown."""
    deleted, _by_model = SavedView.objects.filter(user=actor, pk=view_id).delete()
    if not deleted:
        raise ViewUnknown
