"""How large a demo town is: every number a test or a page may count on."""

from dataclasses import dataclass
from typing import Literal

SizeName = Literal["street", "district"]

COUNTY_CODE = "520303000000"
"""汇川区, whose streets and communities lend the town their official names."""


@dataclass(frozen=True, slots=True)
class Dedicated:
    """One 专属网格: a place that is a grid of its own and has no households."""

    use: Literal["school", "hospital", "mall", "college", "industry", "station"]
    name: str


@dataclass(frozen=True, slots=True)
class Size:
    """What a town of this size holds.

    Attributes
    ----------
    communities:
        Official codes of the communities taken, by street; every community of the county when empty.
    grids:
        All grids, dedicated ones included.
    holders:
        Distinct persons who hold at least one post.
    """

    name: SizeName
    communities: tuple[str, ...]
    grids: int
    households: int
    holders: int
    dedicated: tuple[Dedicated, ...]
    departments_have: int
    """Duty officers of each department."""

    @property
    def basic_grids(self) -> int:
        return self.grids - len(self.dedicated)


STREET = Size(
    name="street",
    communities=(
        "520303001001",
        "520303001002",
        "520303001003",
        "520303001005",
        "520303002001",
        "520303002005",
    ),
    grids=40,
    households=12_000,
    holders=640,
    dedicated=(
        Dedicated("school", "汇川实验学校"),
        Dedicated("hospital", "汇川第一人民医院"),
        Dedicated("mall", "湘江广场商业综合体"),
    ),
    departments_have=2,
)

DISTRICT = Size(
    name="district",
    communities=(),
    grids=518,
    households=200_000,
    holders=9_500,
    dedicated=(
        Dedicated("school", "汇川实验学校"),
        Dedicated("hospital", "汇川第一人民医院"),
        Dedicated("mall", "湘江广场商业综合体"),
        Dedicated("college", "黔北职业技术学院"),
        Dedicated("station", "汇川客运枢纽"),
        Dedicated("industry", "高坪产业园"),
        Dedicated("school", "汇川第一高级中学"),
        Dedicated("school", "汇川第三中学"),
        Dedicated("hospital", "汇川中医院"),
        Dedicated("mall", "大连路购物中心"),
        Dedicated("industry", "董公寺物流园"),
        Dedicated("school", "汇川特殊教育学校"),
        Dedicated("hospital", "汇川妇幼保健院"),
        Dedicated("mall", "洗马路农贸批发市场"),
        Dedicated("college", "汇川开放大学"),
        Dedicated("school", "汇川第五小学"),
        Dedicated("industry", "航天科技园"),
        Dedicated("station", "汇川北物流枢纽"),
    ),
    departments_have=3,
)

SIZES: dict[SizeName, Size] = {"street": STREET, "district": DISTRICT}
