"""The register of processing (个人信息处理活动记录) and the impact assessment (PIPL Arts 55–56), generated."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.conf import settings
from django.db.models import Field
from django.utils.translation import gettext as _

from mulin.core.encryption import EncryptedTextField
from mulin.core.privacy.classes import SENSITIVITY_LABELS, FieldClass, Purpose, Sensitivity, fields
from mulin.core.privacy.periods import ACTION_LABELS, Period, periods


@dataclass(frozen=True)
class Activity:
    """One processing activity: data of a domain kept for one purpose and one time."""

    domain: str
    purpose: Purpose
    period: Period
    fields: tuple[FieldClass, ...]
    rows: int | None

    @property
    def is_sensitive(self) -> bool:
        return any(one.sensitivity is Sensitivity.SENSITIVE for one in self.fields)

    @property
    def encrypted(self) -> list[FieldClass]:
        return [one for one in self.fields if isinstance(column(one), EncryptedTextField)]


def column(one: FieldClass) -> "Field[object, object]":
    found: Field[object, object] = apps.get_model(one.app_label, one.model)._meta.get_field(one.field)
    return found


def activities(*, on: date, counting: bool = False) -> list[Activity]:
    """Return the activities in the order of domains; with the number of rows of their tables when asked to count."""
    kept = periods(on=on)
    grouped: dict[tuple[str, str, str], list[FieldClass]] = defaultdict(list)
    for one in fields().values():
        if one.purpose is not None:
            grouped[one.app_label, one.purpose.code, one.retention].append(one)
    return [
        Activity(domain, found[0].purpose, kept[retention], tuple(found), _rows(found) if counting else None)
        for (domain, _purpose, retention), found in grouped.items()
        if found[0].purpose is not None
    ]


def _rows(found: Iterable[FieldClass]) -> int:
    models = {(one.app_label, one.model) for one in found}
    return sum(apps.get_model(*model)._default_manager.count() for model in models)


def headings() -> list[str]:
    return [
        _("业务"), _("处理目的"), _("合法性依据"), _("级别"), _("个人信息"), _("加密存储"), _("保存期限"),
        _("到期处理"), _("期限依据"), _("记录数"),
    ]  # fmt: skip


def lines(found: Sequence[Activity]) -> list[list[str]]:
    return [_line(one) for one in found]


def _line(one: Activity) -> list[str]:
    level = Sensitivity.SENSITIVE if one.is_sensitive else Sensitivity.PERSONAL
    period = one.period
    kept = _("{since}起 {days} 天").format(since=period.since, days=period.days) if period.days else _("长期")
    return [
        str(_domains().get(one.domain, one.domain)),
        str(one.purpose.name),
        str(one.purpose.basis),
        str(SENSITIVITY_LABELS[level]),
        "、".join(f"{field.model}.{field.field}" for field in one.fields),
        "、".join(f"{field.model}.{field.field}" for field in one.encrypted) or _("否"),
        kept,
        str(ACTION_LABELS[period.action]),
        period.source,
        "" if one.rows is None else str(one.rows),
    ]


def _domains() -> dict[str, str]:
    return {
        "core": _("系统"), "accounts": _("账号"), "places": _("地点"), "duty": _("岗位"), "planning": _("网格规划"),
        "cases": _("事项"), "organisations": _("单位"),
    }  # fmt: skip


def as_markdown(found: Sequence[Activity], *, on: date, handler: str) -> str:
    """Return the register as a Markdown file."""
    head = [
        f"# {_('个人信息处理活动记录')}",
        "",
        _("处理者：{handler}　生成日期：{day}　本文件由字段分级自动生成，字段变更后请重新生成。").format(
            handler=handler or _("（请填写）"), day=on.isoformat()
        ),
        "",
        _("存储地点：中国境内本系统数据库。对外提供：无。委托处理：无（使用外部短信网关时，请补充网关单位和合同）。"),
        _("跨境提供：无。自动化决策：派单只按地点和职责清单，不对个人评分。"),
        "",
    ]
    return "\n".join([*head, *_table(headings(), lines(found)), ""])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    escaped = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return [
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(row)} |" for row in escaped),
    ]


def assessment(found: Sequence[Activity], *, on: date, handler: str) -> str:
    """Return the impact assessment as a Markdown file: what can be told from the system is filled in."""
    sensitive = [one for one in found if one.is_sensitive]
    suite = "SM4-GCM、HMAC-SM3" if settings.MULIN_CIPHER_SUITE == "sm" else "AES-256-GCM、HMAC-SHA-256"
    parts = [
        f"# {_('个人信息保护影响评估')}",
        "",
        _("处理者：{handler}　生成日期：{day}　依据：个人信息保护法第五十五条、第五十六条；GB/T 39335。").format(
            handler=handler or _("（请填写）"), day=on.isoformat()
        ),
        _("本报告和处理情况记录至少保存三年。"),
        "",
        f"## {_('一、为什么要评估')}",
        _("本系统处理敏感个人信息（第五十五条第一项），共 {n} 类活动：").format(n=len(sensitive)),
        *(f"- {one.purpose.name}（{'、'.join(f'{f.model}.{f.field}' for f in one.fields)}）" for one in sensitive),
        "",
        f"## {_('二、目的和方式是否合法、正当、必要')}",
        *_table([_("处理目的"), _("合法性依据")], _purposes(found)),
        _("不收集：打卡、轨迹、积分、在线时长、人脸、信仰。反映事项不要求实名，电话和房号选填。"),
        "",
        f"## {_('三、对个人权益的影响和安全风险')}",
        *_table([_("风险"), _("可能的影响"), _("已有的措施"), _("剩余风险")], _risks(suite)),
        "",
        f"## {_('四、保存期限')}",
        *_table([_("类别"), _("期限"), _("依据")], _kept(found)),
        "",
        f"## {_('五、结论（由评估人填写）')}",
        _("- 评估人、日期："),
        _("- 剩余风险是否可以接受，还要做什么："),
        _("- 负责人意见："),
        "",
    ]
    return "\n".join(parts)


def _purposes(found: Sequence[Activity]) -> list[list[str]]:
    seen = {one.purpose.code: one.purpose for one in found}
    return [[str(purpose.name), str(purpose.basis)] for purpose in seen.values()]


def _kept(found: Sequence[Activity]) -> list[list[str]]:
    seen = {one.period.code: one.period for one in found}
    return [[str(p.name), _("{days} 天").format(days=p.days) if p.days else _("长期"), p.source] for p in seen.values()]


def _risks(suite: str) -> list[list[str]]:
    return [
        [
            _("数据库文件或备份被盗"), _("电话、房号、健康情况泄露"),
            _("字段加密（{suite}），密钥在数据库之外，可轮换").format(suite=suite), _("低：须同时取得密钥"),
        ],
        [
            _("工作人员无故查看"), _("隐私被窥探"),
            _("默认遮盖，写明用途才能看，逐次记入审计，本人可见；未成年人和健康信息须第二人审批"), _("低"),
        ],
        [_("导出文件外传"), _("批量泄露"), _("导出留痕、加水印、到期失效"), _("中：文件下载后靠管理制度")],
        [_("超期保存"), _("不必要的暴露"), _("每类有期限和依据，后台每天删除并留报告"), _("低")],
        [_("居民把查询码给了别人"), _("他人看到进展"), _("联系方式遮盖；更正、下载、删除须核对电话后四位"), _("低")],
        [
            _("居民在文字里写了他人情况"), _("他人隐私进入系统"), _("文字加密；检索副本去掉号码和房号"),
            _("中：姓名可能留在检索副本里"),
        ],
    ]  # fmt: skip
