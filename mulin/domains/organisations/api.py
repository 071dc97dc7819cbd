"""Which organisations serve an area, whom a desk can whistle or hand a case to, and what each answers for."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from mulin.domains.organisations import access, queries
from mulin.domains.places import queries as places
from mulin.web.api import REFUSALS, AreaCode, Id

router = Router(tags=["organisations"])


class OrganisationOut(Schema):
    id: int
    name: str
    kind: str
    area_code: str
    work_phone: str


class DutyOut(Schema):
    """A category of cases in which the organisation leads (LEAD) or assists (ASSIST), since when, by which text."""

    category_code: str
    role: str
    starts_on: date
    source: str


@router.get("/organisations", response={200: list[OrganisationOut], **REFUSALS})
def organisations(request: HttpRequest, area: AreaCode) -> list[OrganisationOut]:
    """Organisations whose area is this one or one above it."""
    places.area_by_code(area)
    found = queries.departments(area, on=timezone.localdate())
    return [
        OrganisationOut(id=o.pk, name=o.name, kind=o.kind_id, area_code=o.area_code, work_phone=o.work_phone)
        for o in found
    ]


@router.get("/organisations/{organisation_id}/duties", response={200: list[DutyOut], **REFUSALS})
def duties(request: HttpRequest, organisation_id: Id) -> list[DutyOut]:
    """职责清单 of an organisation in force today; whistles outside it may be returned."""
    found = access.organisation_known(organisation_id)
    return [DutyOut.from_orm(item) for item in queries.duties_of(found.pk, on=timezone.localdate())]
