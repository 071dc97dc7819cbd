"""Which grid answers for an old code of a department."""

from datetime import date
from typing import Annotated

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from mulin.domains.accounts.models import User
from mulin.domains.planning.queries import nets
from mulin.web.api import REFUSALS, Recognised

router = Router(tags=["planning"])

Request = Recognised[User]
Written = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]


class CrossWalkIn(Schema):
    """`department` or `code` or both; `on` a day other than today."""

    department: Written = ""
    code: Written = ""
    on: date | None = None


class SuccessorOut(Schema):
    """A grid that holds part of the old one; `is_main` is set on the one that answers for the code."""

    grid_id: int
    code: str
    name: str
    households: int
    share_households: float | None
    share_area: float | None
    is_main: bool


class OldCodeOut(Schema):
    department: str
    code: str
    name: str
    area_code: str
    successors: list[SuccessorOut]


@router.get("/planning/crosswalk", response={200: list[OldCodeOut], **REFUSALS})
def crosswalk(request: Request, asked: Query[CrossWalkIn]) -> list[nets.OldCode]:
    """新旧网格编码对照: the grids that answer for old codes on a day, at most 200 codes."""
    on = asked.on or timezone.localdate(timezone.now())
    return nets.old_codes(None, department=asked.department, code=asked.code, on=on)
