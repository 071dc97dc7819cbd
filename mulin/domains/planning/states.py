"""The life of a grid draft (网格草案): asked → computing → ready → scheduled → published, with every way out."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from mulin.core.lifecycle import Lifecycle, move


class DraftState(TextChoices):
    ASKED = "ASKED", _("等待计算")
    COMPUTING = "COMPUTING", _("正在计算")
    READY = "READY", _("可修改")
    SCHEDULED = "SCHEDULED", _("已定生效日期")
    PUBLISHED = "PUBLISHED", _("已生效")
    STOPPED = "STOPPED", _("已停止，没有方案")
    FAILED = "FAILED", _("算不出方案")
    DISCARDED = "DISCARDED", _("已作废")


SYSTEM = "system"  # a move of the computation or of the calendar, never of a button
SEE, DRAFT, PUBLISH = "planning.see", "planning.draft", "planning.publish"
AT_WORK = (DraftState.ASKED, DraftState.COMPUTING)
AT_REST = (DraftState.READY, DraftState.STOPPED, DraftState.FAILED)

DRAFT_LIFECYCLE = Lifecycle(
    start=DraftState.ASKED,
    labels=dict(DraftState.choices),
    moves=(
        move("compute", _("计算"), sources=AT_WORK, target=DraftState.COMPUTING, permission=SYSTEM),
        move("finish", _("得到方案"), sources=[DraftState.COMPUTING], target=DraftState.READY, permission=SYSTEM),
        move(
            "fail",
            _("算不出"),
            sources=AT_WORK,
            target=DraftState.FAILED,
            permission=SYSTEM,
            why=_("数据或要求自相矛盾；说明里写着改什么"),
        ),
        move("take", _("停止，用现有方案"), sources=AT_WORK, target=DraftState.READY, permission=DRAFT),
        move("halt", _("停止"), sources=AT_WORK, target=DraftState.STOPPED, permission=DRAFT, why=_("还没有方案")),
        move("edit", _("修改"), sources=[DraftState.READY], target=None, permission=DRAFT),
        move(
            "improve",
            _("继续优化"),
            sources=AT_REST,
            target=DraftState.ASKED,
            permission=DRAFT,
            why=_("从现有方案出发，锁定的网格不动"),
        ),
        move("schedule", _("定生效日期"), sources=[DraftState.READY], target=DraftState.SCHEDULED, permission=PUBLISH),
        move("recall", _("撤回生效"), sources=[DraftState.SCHEDULED], target=DraftState.READY, permission=PUBLISH),
        move(
            "send_back",
            _("退回修改"),
            sources=[DraftState.SCHEDULED],
            target=DraftState.READY,
            permission=SYSTEM,
            why=_("到了生效日，楼栋与起草时已不一样"),
        ),
        move("publish", _("生效"), sources=[DraftState.SCHEDULED], target=DraftState.PUBLISHED, permission=SYSTEM),
        move(
            "discard",
            _("作废"),
            sources=[*AT_REST, *AT_WORK],
            target=DraftState.DISCARDED,
            permission=DRAFT,
        ),
    ),
)
