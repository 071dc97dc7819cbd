"""The life of a case (事项): 点单 → 派单 → 接单 → 办结 → 评单, with every way back."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mulin.core.lifecycle import Lifecycle, move


class Status(TextChoices):
    REPORTED = "REPORTED", _("已点单")
    DISPATCHED = "DISPATCHED", _("已派单")
    ACCEPTED = "ACCEPTED", _("办理中")
    RETURNED = "RETURNED", _("退单待审")
    PAUSED = "PAUSED", _("已暂停")
    RESOLVED = "RESOLVED", _("已办结，待评价")
    CLOSED = "CLOSED", _("已评价")
    LAPSED = "LAPSED", _("已办结，未评价")
    REJECTED = "REJECTED", pgettext_lazy("status", "不予受理")
    WITHDRAWN = "WITHDRAWN", _("已撤回")
    MERGED = "MERGED", _("已并单")


# Somebody has to act: a holder and a deadline are required by a constraint.
OPEN = (Status.REPORTED, Status.DISPATCHED, Status.ACCEPTED, Status.RETURNED, Status.PAUSED)
IN_HAND = (Status.DISPATCHED, Status.ACCEPTED)
SETTLED = (Status.RESOLVED, Status.CLOSED, Status.LAPSED)

SYSTEM = "system"  # a move of the clock or of an event, never of a button
RESIDENT = "resident"  # whoever holds the receipt code

LIFECYCLE = Lifecycle(
    start=Status.REPORTED,
    labels=dict(Status.choices),
    moves=(
        move(
            "verify",
            _("核查"),
            sources=[Status.REPORTED],
            target=None,
            permission="cases.desk",
            why=_("事实不清的先核查，再派单"),
        ),
        move(
            "dispatch",
            _("派单"),
            sources=[Status.REPORTED, Status.RETURNED],
            target=Status.DISPATCHED,
            permission="cases.desk",
            why=_("派给有能力解决的最低一级"),
        ),
        move(
            "reassign",
            _("改派"),
            sources=IN_HAND,
            target=Status.DISPATCHED,
            permission="cases.desk",
            why=_("派错了对象"),
        ),
        move("accept", _("接单"), sources=[Status.DISPATCHED], target=Status.ACCEPTED, permission="cases.hold"),
        move(
            "contact",
            _("联系居民"),
            sources=[*IN_HAND, Status.PAUSED],
            target=None,
            permission="cases.hold",
            why=_("首次联系时间由此记录"),
        ),
        move(
            "return",
            _("退单"),
            sources=IN_HAND,
            target=Status.RETURNED,
            permission="cases.hold",
            why=_("不属于本岗位职责；由上一级审核，审核前仍由首接人负责"),
        ),
        move(
            "refuse_return",
            _("不同意退单"),
            sources=[Status.RETURNED],
            target=Status.DISPATCHED,
            permission="cases.desk",
        ),
        move(
            "escalate",
            _("提级"),
            sources=IN_HAND,
            target=Status.DISPATCHED,
            permission="cases.hold",
            why=_("本级解决不了，交上一级"),
        ),
        move("escalate_by_clock", _("超时提级"), sources=IN_HAND, target=Status.DISPATCHED, permission=SYSTEM),
        move(
            "whistle",
            _("吹哨"),
            sources=[Status.ACCEPTED],
            target=None,
            permission="cases.whistle",
            why=_("请部门到场共同办理，主责仍在吹哨方"),
        ),
        move(
            "arrive",
            _("报到"),
            sources=[Status.ACCEPTED, Status.PAUSED],
            target=None,
            permission="cases.answer_whistle",
        ),
        move(
            "joint_result",
            _("联合办理结果"),
            sources=[Status.ACCEPTED, Status.PAUSED],
            target=None,
            permission="cases.answer_whistle",
        ),
        move(
            "return_whistle",
            _("退哨"),
            sources=[Status.ACCEPTED, Status.PAUSED],
            target=None,
            permission="cases.answer_whistle",
            why=_("不属于该部门职责清单"),
        ),
        move("pause", _("暂停计时"), sources=[Status.ACCEPTED], target=Status.PAUSED, permission="cases.hold"),
        move("resume", _("恢复计时"), sources=[Status.PAUSED], target=Status.ACCEPTED, permission="cases.hold"),
        move("resume_by_clock", _("到期恢复计时"), sources=[Status.PAUSED], target=Status.ACCEPTED, permission=SYSTEM),
        move("extend", _("延期"), sources=[Status.ACCEPTED], target=None, permission="cases.desk"),
        move("resolve", _("办结"), sources=[Status.ACCEPTED], target=Status.RESOLVED, permission="cases.hold"),
        move("rate", _("评价"), sources=[Status.RESOLVED, Status.LAPSED], target=Status.CLOSED, permission=RESIDENT),
        move("lapse", _("逾期未评"), sources=[Status.RESOLVED], target=Status.LAPSED, permission=SYSTEM),
        move(
            "reopen",
            _("重新办理"),
            sources=SETTLED,
            target=Status.DISPATCHED,
            permission=RESIDENT,
            why=_("居民认为没有解决"),
        ),
        move(
            "reject",
            _("不予受理"),
            sources=[Status.REPORTED, Status.DISPATCHED, Status.RETURNED],
            target=Status.REJECTED,
            permission="cases.desk",
        ),
        move(
            "join",
            _("我也遇到"),
            sources=OPEN,
            target=None,
            permission=RESIDENT,
            why=_("同一个问题不必重复点单；由新的反映人自己加入"),
        ),
        move("withdraw", _("撤回"), sources=OPEN, target=Status.WITHDRAWN, permission=RESIDENT),
        move("merge", _("并单"), sources=OPEN, target=Status.MERGED, permission="cases.desk"),
        move(
            "split",
            _("拆单"),
            sources=[Status.REPORTED, *IN_HAND, Status.RETURNED],
            target=None,
            permission="cases.desk",
        ),
        move(
            "hand_over",
            _("交接"),
            sources=OPEN,
            target=None,
            permission=SYSTEM,
            why=_("任期结束，由接任者或上一级接手"),
        ),
        move(
            "recategorise",
            _("改分类"),
            sources=[Status.REPORTED, *IN_HAND, Status.RETURNED],
            target=None,
            permission="cases.desk",
        ),
        move("add_note", _("补充说明"), sources=[*OPEN, Status.RESOLVED], target=None, permission="cases.hold"),
    ),
)
