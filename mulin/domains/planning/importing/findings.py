"""What can be wrong with a row, what to do about it, and which of it we repair when told to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Repair(TextChoices):
    MAKE_VALID = "MAKE_VALID", _("自相交的图形按原轮廓修正")
    DROP_DUPLICATES = "DROP_DUPLICATES", _("重复的行只留第一行")
    CLIP_OVERLAPS = "CLIP_OVERLAPS", _("重叠部分归前一行，从后一行裁去")
    NEAREST_COMMUNITY = "NEAREST_COMMUNITY", _("不在任何社区内的归最近的社区（不超过 {most_m} 米）")
    ESTIMATE_COUNTS = "ESTIMATE_COUNTS", _("户数按占地面积×层数估算，并标明是估算")
    ONE_FLOOR = "ONE_FLOOR", _("层数有误的按 1 层")
    MINOR_STREET = "MINOR_STREET", _("等级不明的道路按支路")


MOST_SNAP_M = 200.0


@dataclass(frozen=True)
class Kind:
    """A fault: its sentence (with the details by name), what to do, and the repair that mends it, if any."""

    sentence: Text
    remedy: Text
    repair: Repair | None = None


KINDS: Mapping[str, Kind] = {
    "geometry_empty": Kind(_("没有图形或坐标。"), _("请在原文件里补上图形或经纬度。")),
    "coordinates_unreadable": Kind(_("坐标不是数。"), _("请在原文件里改正经度、纬度。")),
    "geometry_kind": Kind(_("图形是{found}，这类数据不能用。"), _("楼栋用面或点，道路用线，边界用面，单元用点。")),
    "outside_district": Kind(
        _("坐标落在本区以外约 {km} 公里。"), _("多半是坐标系选错，或经纬度写反；请换一个坐标系再检查。")
    ),
    "self_crossing": Kind(_("图形自相交。"), _("请在原文件里改正，或选择修正。"), Repair.MAKE_VALID),
    "duplicate": Kind(_("与第 {row} 行相同。"), _("请删去一行，或选择只留第一行。"), Repair.DROP_DUPLICATES),
    "key_repeated": Kind(_("编号与第 {row} 行重复，内容不同。"), _("请给每一行自己的编号。")),
    "overlap": Kind(_("与第 {row} 行重叠 {percent}%。"), _("请改正轮廓，或选择裁去。"), Repair.CLIP_OVERLAPS),
    "overlap_existing": Kind(
        _("与已登记的“{name}”重叠 {percent}%。"), _("请改正轮廓，或选择裁去。"), Repair.CLIP_OVERLAPS
    ),
    "already_there": Kind(_("与已登记的“{name}”是同一处。"), _("不必再导入；要改动，请在系统里修改。")),
    "outside_communities": Kind(
        _("不在任何社区的边界内，最近的社区在 {m} 米外。"),
        _("请先导入社区边界，或选择归最近的社区。"),
        Repair.NEAREST_COMMUNITY,
    ),
    "community_unknown": Kind(_("没有“{community}”这个社区。"), _("请写 12 位社区代码，或与登记一致的名称。")),
    "count_missing": Kind(_("没有户数。"), _("请补上户数，或选择估算。"), Repair.ESTIMATE_COUNTS),
    "count_invalid": Kind(
        _("户数“{written}”不是零或正整数。"), _("请改正户数，或选择估算。"), Repair.ESTIMATE_COUNTS
    ),
    "floors_invalid": Kind(_("层数“{written}”看不懂。"), _("请改正层数，或选择按 1 层。"), Repair.ONE_FLOOR),
    "class_unknown": Kind(
        _("不认识道路等级“{written}”。"), _("请写主干路、次干路、支路等，或选择按支路。"), Repair.MINOR_STREET
    ),
    "underground": Kind(_("在地下，不隔开地面上的楼栋，没有导入。"), _("不必处理。")),
    "facility_unknown": Kind(_("不认识设施类别“{written}”。"), _("请写设施目录里的类别代码或名称。")),
    "building_unknown": Kind(_("找不到楼栋“{written}”。"), _("请写楼栋编码、导入时的编号，或与登记一致的地址。")),
    "building_ambiguous": Kind(_("有几栋楼都叫“{written}”。"), _("请写楼栋编码，或导入时的编号。")),
    "code_invalid": Kind(_("编码“{written}”有误。"), _("社区为 12 位数字；网格为社区代码加 3 位顺序号。")),
    "code_taken": Kind(_("编码“{written}”已经登记。"), _("改动现有网格请用网格草案。")),
    "changed": Kind(_("这一编号已经导入，内容不同。"), _("没有改动已登记的内容；请在系统里修改。")),
    "refused": Kind("{sentence}", _("请按提示改正后再导入。")),
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One fault of one row (by its index); `is_repaired` ones do not keep the row out."""

    index: int
    code: str
    details: Mapping[str, Any] = field(default_factory=dict)
    is_repaired: bool = False


def sentence_of(code: str, details: Mapping[str, Any]) -> str:
    """Return what is wrong, in the reader's language."""
    return str(KINDS[code].sentence).format(**details)


def remedy_of(code: str) -> str:
    return str(KINDS[code].remedy)


def repairs_for(codes: set[str]) -> list[tuple[str, str]]:
    """Return the repairs that would mend these faults, with their names."""
    wanted = {KINDS[code].repair for code in codes}
    return [(one.value, str(one.label).format(most_m=f"{MOST_SNAP_M:.0f}")) for one in Repair if one in wanted]
