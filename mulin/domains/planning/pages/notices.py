"""What the grid change notice 网格调整告知书 says at the door of a building."""

import io
from datetime import date, datetime
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from mulin.domains.duty.queries import boards
from mulin.domains.duty.queries.boards import BoardFacts
from mulin.domains.places.queries import building_name
from mulin.domains.planning.models import Publication
from mulin.domains.planning.pages.publications import MOST_NOTICES, check_in_force
from mulin.domains.planning.queries import publications
from mulin.domains.planning.queries.publications import GridOfBuilding

SUPERVISION_NUMBER = "12345"
GRID_POSTS = ("first_grid_leader", "grid_leader", "grid_worker")


def notice_data(publication: Publication, *, after: int, now: datetime) -> dict[str, Any]:
    """Return the notices of the buildings with another grid, those after a change. Raises NotInForceYet."""
    check_in_force(publication)
    changed = publications.changed_buildings(publication, after=after, limit=MOST_NOTICES)
    buildings = [building for _change, building in changed]
    grids = publications.notices_of(publication, buildings)
    facts = {one.building_id: one for one in boards.boards_at(buildings, now=now)}
    sheets = [_sheet(facts[pk], grids[pk], publication.from_date) for pk in buildings if pk in facts]
    return {"words": _words(), "number": SUPERVISION_NUMBER, "sheets": sheets}


def _sheet(facts: BoardFacts, grids: GridOfBuilding, from_date: date) -> dict[str, Any]:
    return {
        "title": building_name(facts.estate, facts.building),
        "address": facts.address,
        "community": facts.community,
        "from": grids.from_name or _("未划入网格"),
        "from_code": grids.from_code,
        "to": grids.to_name,
        "to_code": grids.to_code,
        "day": _("{year} 年 {month} 月 {day} 日起").format(
            year=from_date.year, month=from_date.month, day=from_date.day
        ),
        "people": _people(facts),
        "qr": _qr(facts.code),
    }


def _people(facts: BoardFacts) -> list[dict[str, str]]:
    """Who is responsible from that day on; a vacant post says who stands in."""
    shown = [post for post in facts.posts if post.code in GRID_POSTS]
    lines = [
        {"post": post.name_zh, "name": person.name, "phone": person.work_phone}
        for post in shown
        for person in post.people
    ]
    if lines:
        return lines
    desk = [person for post in facts.posts if post.code == boards.COMMUNITY_DESK for person in post.people]
    vacant = {"post": _("网格员"), "name": _("正在安排，先由社区值班岗负责"), "phone": ""}
    return [vacant, *({"post": _("社区"), "name": one.name, "phone": one.work_phone} for one in desk)]


def _qr(board_code: str) -> str:
    svg = io.BytesIO()
    address = settings.MULIN_PUBLIC_URL.rstrip("/") + reverse("duty:board", args=[board_code])
    segno.make(address, error="m").save(svg, kind="svg", border=2, dark="#20242a")
    return svg.getvalue().decode()


def _words() -> dict[str, str]:
    return {
        "heading": _("网格调整告知书"),
        "dear": _("各位居民："),
        "sentence": _("为了就近服务，本楼栋所属的网格有调整。楼栋、门牌、办事地点都不变，正在办理的事项接着办。"),
        "from_when": _("生效时间"),
        "before": _("原网格"),
        "after": _("现网格"),
        "who": _("现在谁负责"),
        "scan": _("扫一扫，看谁负责、说难处"),
        "supervision": _("监督电话"),
    }
