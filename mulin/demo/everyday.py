"""What people walk to: schools, clinics, shops and the rest of the 15-minute life circle, some of it missing."""

from collections.abc import Sequence

import numpy as np
from shapely import Polygon

from mulin.demo.ground import Ground, to_degrees
from mulin.demo.plane import Random
from mulin.demo.quotas import CommunityQuota
from mulin.demo.records import TownFacility

EVERYDAY = 15
"""Stirred into the seed, so that facilities can change without moving a single building."""
# Households one of each kind serves, and what it is called behind the name of its community.
SERVED: dict[str, tuple[int, str]] = {
    "middle_school": (6_000, "中学"),
    "primary_school": (3_000, "小学"),
    "kindergarten": (1_100, "幼儿园"),
    "nursery": (3_500, "托育园"),
    "health_centre": (7_000, "社区卫生服务中心"),
    "health_station": (1_800, "卫生服务站"),
    "nursing_home": (9_000, "养老院"),
    "elder_day_care": (2_200, "日间照料中心"),
    "culture_centre": (9_000, "文化活动中心"),
    "culture_station": (1_900, "文化活动站"),
    "community_station": (1_800, "社区服务站"),
    "sports_ground": (6_000, "运动场"),
    "fitness_ground": (900, "健身点"),
    "shopping": (6_000, "商场"),
    "convenience_shop": (350, "便利店"),
    "food_market": (3_500, "生鲜超市"),
    "bank": (3_500, "银行网点"),
    "post_office": (9_000, "邮政所"),
    "bus_stop": (500, "公交站"),
    "parcel_station": (700, "快递驿站"),
    "public_toilet": (1_100, "公共厕所"),
}
DIRECTORY_KINDS = dict(zip(SERVED, SERVED, strict=True)) | {
    "party_service_centre": "service_centre",
    "market": "food_market",
    "pocket_park": "pocket_park",
}
"""Kind of the town → kind of the directory of facilities."""


def everyday_facilities(
    random: Random, ground: Ground, communities: Sequence[CommunityQuota], lands: Sequence[Polygon]
) -> list[TownFacility]:
    """Deal each kind to the communities by their households, with luck: some get one too many, some none."""
    found: list[TownFacility] = []
    for index, quota in enumerate(communities):
        mine = [n for n, block in enumerate(ground.blocks) if block.community == index and not lands[n].is_empty]
        households = sum(quota.households)
        for kind, (served, label) in SERVED.items():
            for number in range(1, int(random.poisson(households / served)) + 1):
                name = f"{quota.division.short_name}{f'第{number}' if number > 1 else ''}{label}"
                found.append(_beside(random, kind, name, index, lands[int(random.choice(mine))]))
    return found


def _beside(random: Random, kind: str, name: str, community: int, land: Polygon) -> TownFacility:
    """Somewhere along the edge of a block, where a door to the street may be."""
    point = land.exterior.interpolate(random.uniform(0.0, 1.0), normalized=True)
    lon, lat = to_degrees(np.array([point.x, point.y]))
    return TownFacility(kind, name, community, float(lon), float(lat))
