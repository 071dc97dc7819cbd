"""Micro grids drawn within the grids of a community: for the map and for who looks after a few stairs."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import User
from mulin.domains.places import queries as place_queries
from mulin.domains.places import services as places
from mulin.domains.places.models import GridKind, Place
from mulin.domains.places.services import GridCodeFormat
from mulin.domains.planning.queries import ground, staffing
from mulin.domains.planning.queries import micro as queries
from mulin.domains.planning.rules.micro import MicroGrid, micro_grids
from mulin.kernels.facts import BadProblem
from mulin.kernels.partition.problem import Bounds
from mulin.kernels.stop import Stop

BOUNDS = Bounds(50, 150)
"""Households of a micro grid: two to six of them to a grid of 300–500."""
ROUNDS = 20_000
LONGEST_S = 3.0  # somebody waits for the page
NAME = "{grid}第{number}微网格"
CODE = GridCodeFormat(sequence=5)
"""A micro grid's code is its grid's with two more digits."""


class NotACommunity(Invalid):
    code = "micro_not_a_community"
    sentence = _("微网格按社区划分。")
    remedy = _("请选择一个社区。")


class NothingToDivide(Conflict):
    code = "micro_nothing_to_divide"
    sentence = _("这个社区还没有可以细分的网格。")
    remedy = _("请先划定网格，并把楼栋归入网格。")


@transaction.atomic
def draw_micro_grids(*, actor: User | None, area_code: str, now: datetime, bounds: Bounds = BOUNDS) -> list[Place]:
    """Divide the grids of a community into micro grids from today; those there before are closed.

    Raises NotACommunity, NothingToDivide, DateImpossible (divided today already).
    """
    if place_queries.code_prefix(area_code) != area_code:
        raise NotACommunity
    today = timezone.localdate(now)
    community = queries.community(area_code)
    arrays = ground.problem_of(area_code, on=today)
    try:
        made = micro_grids(arrays, staffing.outlines_of(area_code), bounds, stop=Stop(rounds=ROUNDS, seconds=LONGEST_S))
    except BadProblem as bad:
        raise NothingToDivide(code=bad.code) from bad
    if not made:
        raise NothingToDivide
    for before in queries.micro_grids_of(area_code):
        places.close_place(actor=actor, place=before, on=today, now=now)
    grids = queries.places_of({one.grid_id for one in made})
    return [_draw(one, grids[one.grid_id], community, actor=actor, now=now) for one in made]


def _draw(one: MicroGrid, grid: Place, community: Place, *, actor: User | None, now: datetime) -> Place:
    drawn = places.create_grid(
        actor=actor,
        community=community,
        name=NAME.format(grid=grid.name, number=one.number),
        shape=one.shape,
        grid_kind=GridKind.MICRO,
        code=queries.free_code(grid.code, one.number),
        layout=CODE,
        now=now,
    )
    return drawn.place
