"""The desk's list as a file: nothing about reporters, and nothing a spreadsheet would take for a formula."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from mulin.core.audit.purposes import Purpose
from mulin.core.exports import services as exports
from mulin.core.exports.models import ExportFile
from mulin.domains.accounts.models import User
from mulin.domains.cases.pages.desk import holder_post
from mulin.domains.cases.pages.labels import CHANNEL_LABELS, TIER_LABELS, area_name, case_number, masked_address
from mulin.domains.cases.queries import directory, queue
from mulin.domains.cases.queries.filters import FilterInvalid, Filters
from mulin.domains.cases.queries.queue import Row
from mulin.domains.cases.redaction import without_numbers
from mulin.domains.cases.states import Status

KINDS = ("xlsx", "csv")


def make(user: User, filters: Filters, kind: str, purpose: Purpose, *, now: datetime) -> ExportFile:
    """Write the list into a file for its maker. Raises FilterInvalid."""
    if kind not in KINDS:
        raise FilterInvalid(field="kind")
    names = directory.category_names()
    return exports.make(
        actor=user,
        kind="cases.list",
        name=_("事项") + f"-{timezone.localtime(now):%Y%m%d-%H%M}.{kind}",
        columns=headings(),
        rows=(cells(row, names) for row in queue.export(user, filters, now=now)),
        purpose=purpose,
        now=now,
    )


def headings() -> list[str]:
    return [
        _("编号"), _("点单时间"), _("状态"), _("分类"), _("内容"), _("社区"), _("网格"), _("地点"), _("地址说明"),
        _("承办层级"), _("承办岗位"), _("承办人或单位"), _("首次联系时间"), _("办理期限"), _("办结时间"),
        _("办理结果"), _("第几次办理"), _("来源"),
    ]  # fmt: skip


def cells(row: Row, names: dict[int, str]) -> list[str]:
    """Return one row as text, in the order of `headings`."""
    return [
        case_number(row["pk"], row["reported_at"]),
        _minute(row["reported_at"]),
        str(Status(row["status"]).label),
        names.get(row["category_id"], ""),
        without_numbers(row["text"]),
        area_name(row["area_code"]),
        row["grid__name"] or "",
        row["place__name"] or "",
        masked_address(row["address_text"]),
        str(TIER_LABELS.get(row["tier"], "")),
        holder_post(row),
        row["holder_tenure__holder__name"] or row["holder_organisation__name"] or "",
        _minute(row["first_contact_at"]),
        _minute(row["resolve_due_at"]),
        _minute(row["resolved_at"]),
        without_numbers(row["result_text"]),
        str(row["round"]),
        str(CHANNEL_LABELS.get(row["channel"], "")),
    ]


def _minute(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
