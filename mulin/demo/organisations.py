"""Organisations of the town: departments, street offices, committees, branches, property firms, partner units."""

from collections.abc import Sequence

from mulin.demo.naming import PROPERTY_FIRMS
from mulin.demo.records import TownArea, TownEstate, TownOrganisation

DEPARTMENTS = {
    "OPERATIONS_CENTRE": "网格化服务中心（联动指挥中心）",
    "PARTY_COMMITTEE": "委组织部（党建引领基层治理领导小组办公室）",
    "URBAN_MANAGEMENT": "综合行政执法局",
    "HOUSING": "住房和城乡建设局",
    "PUBLIC_SECURITY": "公安分局",
    "TRAFFIC_POLICE": "交警大队",
    "FIRE": "消防救援大队",
    "MARKET_REGULATION": "市场监督管理局",
    "ENVIRONMENT": "生态环境分局",
    "HEALTH": "卫生健康局",
    "EDUCATION": "教育体育局",
    "HUMAN_RESOURCES": "人力资源和社会保障局",
    "CIVIL_AFFAIRS": "民政局",
    "TRANSPORT": "交通运输局",
    "WATER": "水务与供水服务中心",
    "POWER": "供电局",
    "GAS": "燃气服务中心",
    "TELECOM": "通信服务联合办公室",
    "POSTAL": "邮政管理服务站",
    "JUSTICE": "司法局",
    "EMERGENCY_MANAGEMENT": "应急管理局",
    "CULTURE_TOURISM": "文体旅游局",
    "NATURAL_RESOURCES": "自然资源分局",
    "MEDICAL_INSURANCE": "医疗保障局",
    "DISABLED_FEDERATION": "残疾人联合会",
    "WOMEN_FEDERATION": "妇女联合会",
    "VETERANS": "退役军人事务局",
    "TRADE_UNION": "总工会",
    "AGRICULTURE": "农业农村局",
    "DEVELOPMENT_REFORM": "发展和改革局",
    "DISCIPLINE_INSPECTION": "纪委监委信访室",
    "FINANCE_OFFICE": "财政局",
    "GOVERNMENT_SERVICES": "政务服务中心",
    "TAX": "税务局",
}
PARTNERS = ("村镇银行", "中心小学", "卫生服务中心", "酒业公司", "物流公司", "建筑公司", "超市", "电力安装公司")
NEVER_ISSUED = "0851-2000"
"""Work phones of offices start so; the four digits after it are counted up."""


def organisations(areas: Sequence[TownArea], estates: Sequence[TownEstate]) -> list[TownOrganisation]:
    """Every organisation with the index of the area it serves, the county's first."""
    county = next(i for i, a in enumerate(areas) if a.level == "county")
    rows: list[tuple[str, str, int, tuple[int, ...]]] = [
        (kind, f"{areas[county].name}{name}", county, ()) for kind, name in DEPARTMENTS.items()
    ]
    for index, area in enumerate(areas):
        if area.level == "street":
            rows += _of_street(area, index)
        if area.level == "community":
            branch = area.name.removesuffix("社区").removesuffix("村")
            rows.append(("COMMUNITY_COMMITTEE", area.official_name, index, ()))
            rows.append(
                ("PARTY_BRANCH", f"中共{branch}{'村' if area.name.endswith('村') else '社区'}总支部委员会", index, ())
            )
    for firm in range(len(PROPERTY_FIRMS)):
        managed = tuple(i for i, e in enumerate(estates) if e.property_firm == firm)
        if managed:
            rows.append(("PROPERTY_COMPANY", f"遵义{PROPERTY_FIRMS[firm]}物业服务有限公司", county, managed))
    return [
        TownOrganisation(kind, name, area, f"{NEVER_ISSUED}{number:04d}", managed)
        for number, (kind, name, area, managed) in enumerate(rows, start=1)
    ]


def _of_street(area: TownArea, index: int) -> list[tuple[str, str, int, tuple[int, ...]]]:
    office = f"{area.name}{'办事处' if area.name.endswith('街道') else '人民政府'}"
    partner = PARTNERS[index % len(PARTNERS)]
    short = area.name.removesuffix("街道").removesuffix("镇")
    return [
        ("STREET_OFFICE", office, index, ()),
        ("PARTY_COMMITTEE", f"中共{area.name}{'工作委员会' if area.name.endswith('街道') else '委员会'}", index, ()),
        ("PARTNER_UNIT", f"{short}{partner}", index, ()),
    ]
