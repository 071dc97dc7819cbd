"""What a plan, a certificate or a refusal says to people, and what they can change."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core.listed import listed
from mulin.domains.planning.rules.judging import Bend
from mulin.kernels.partition.measuring import ABOVE, BELOW, BROKEN, CROSSES
from mulin.kernels.partition.problem import Bounds

FIGURES: tuple[tuple[str, Any, str], ...] = (
    ("grids", gettext_lazy("网格数"), ""),
    ("smallest", gettext_lazy("最小的网格"), "households"),
    ("largest", gettext_lazy("最大的网格"), "households"),
    ("outside", gettext_lazy("户数超出范围的网格"), "fewer"),
    ("broken", gettext_lazy("不相连的网格"), "fewer"),
    ("cut", gettext_lazy("切断的邻里（加权）"), "fewer"),
    ("straddling", gettext_lazy("跨主干道的网格"), "fewer"),
    ("balance_sd", gettext_lazy("户数差异（标准差÷平均）"), "share"),
    ("distance_m", gettext_lazy("住户到网格中心（米）"), "fewer"),
    ("changed", gettext_lazy("换网格的住户"), "fewer"),
)
"""The kernel's figures in the order they are read."""

_BENDS: Mapping[str, Any] = {
    BELOW: gettext_lazy("{grid}只有 {households} 户，少 {excess} 户"),
    ABOVE: gettext_lazy("{grid}有 {households} 户，多 {excess} 户"),
    BROKEN: gettext_lazy("{grid}不相连"),
    CROSSES: gettext_lazy("{grid}跨了两个社区"),
}
_REFUSALS: Mapping[str, Any] = {
    "bounds_contradict": gettext_lazy("每格户数的下限大于上限。请把下限改小或把上限改大。"),
    "not_a_number": gettext_lazy("有的楼栋位置或户数不是数字。请在底数里更正这些楼栋。"),
    "negative_households": gettext_lazy("有的楼栋户数是负数。请在底数里更正。"),
    "edge_out_of_range": gettext_lazy("邻接关系里有不存在的楼栋。请重新生成底数。"),
    "no_households": gettext_lazy("这个范围内的楼栋都没有户数。请先登记住户，或导入户数。"),
    "empty_town": gettext_lazy("这个范围内没有已知位置的楼栋。请先导入楼栋，或换一个范围。"),
    "piece_disconnected": gettext_lazy("锁定的网格或专属网格自己不相连。请先解锁，或把它的楼栋连起来。"),
    "no_buildings": gettext_lazy("这个范围内没有已知位置的楼栋。请先导入楼栋，或换一个范围。"),
    "process_died": gettext_lazy("计算进程多次中断，没有留下方案。请再试一次；仍不行请联系系统管理员查看内存。"),
    "ground_changed": gettext_lazy(
        "到了生效日，楼栋或网格与起草时已不一样，方案没有生效。请“更新底数”后再定生效日期。"
    ),
    "grids_overlap": gettext_lazy("方案里的网格与一个不参加调整的网格重叠，没有生效。请检查专属网格的边界。"),
    "place_date_impossible": gettext_lazy("有的楼栋在生效日之后才归入现在的网格，方案没有生效。请改生效日期。"),
}


_LOCAL: Mapping[str, Any] = {
    "articulation": gettext_lazy(
        "{building}一带共 {households} 户，只能经{building}相连：分不成整格的几处都要与它同格，"
        "怎样分都不在 {lowest}–{highest} 户之内；可调整上下限，或按单元把大楼分给两个网格。"
    ),
    "hemmed_in": gettext_lazy(
        "{building}一带共 {households} 户，四周的楼太大：相连的组合都试过，"
        "没有一种能都在 {lowest}–{highest} 户之内；可调整上下限，或按单元把大楼分给两个网格。"
    ),
}


def refusal_words(refusal: Mapping[str, Any] | None) -> str:
    """Return why something was not done and what to change; empty without a refusal."""
    if not refusal:
        return ""
    known = _REFUSALS.get(refusal["code"])
    return str(known) if known else _("没有做成（{code}）。请检查底数和要求后再试。").format(code=refusal["code"])


def bend_words(bend: Bend, grid: str) -> str:
    words = str(_BENDS[bend.rule]).format(grid=grid, households=bend.households, excess=bend.excess)
    return _("{words}（不得已）").format(words=words) if bend.excused else words


def certificate_words(certificate: Mapping[str, Any], households: int, bounds: Bounds, names: list[str]) -> str:
    """Return why no plan can keep the bounds there, and what would help; `households` of the buildings it names."""
    code = certificate["code"]
    if code in ("building_above_bound", "piece_above_bound"):
        return _(
            "{building}一处就有 {households} 户，超过上限 {highest} 户；可把上限调为 {households}，"
            "或按单元把这栋楼分给两个网格。"
        ).format(building=listed(names[:1]), households=households, highest=bounds.highest)
    if code in _LOCAL:
        return str(_LOCAL[code]).format(
            building=listed(names[:1]), households=households, lowest=bounds.lowest, highest=bounds.highest
        )
    where = _("本社区") if code == "counting" else _("这一片（河、铁路或社区边界围着）")
    return counting_words(where, households, bounds)


def counting_words(where: str, households: int, bounds: Bounds) -> str:
    """Return the arithmetic of an area whose households no number of grids can hold."""
    few = households // bounds.highest
    head = _("{where}共 {households} 户，无法分成 {lowest}–{highest} 户的网格：").format(
        where=where, households=households, lowest=bounds.lowest, highest=bounds.highest
    )
    short = _("{count} 个网格共少 {short} 户").format(count=few + 1, short=(few + 1) * bounds.lowest - households)
    if few == 0:
        return head + short + _("；可把下限调为 {lowest}，或并入相邻社区。").format(lowest=households)
    over = households - few * bounds.highest
    more = _("{count} 个网格共超出 {over} 户，").format(count=few, over=over)
    remedy = _("；可把上限调为 {highest}，把下限调为 {lowest}，或并入相邻社区。").format(
        highest=ceil(households / few), lowest=households // (few + 1)
    )
    return head + more + short + remedy
