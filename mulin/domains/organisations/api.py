"""Which organisations serve an area: whom a desk can whistle or hand a case to."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from mulin.domains.organisations import queries
from mulin.domains.places import queries as places
from mulin.web.api import REFUSALS, AreaCode

router = Router(tags=["organisations"])


class OrganisationOut(Schema):
    id: int
    name: str
    kind: str
    area_code: str
    work_phone: str


@router.get("/organisations", response={200: list[OrganisationOut], **REFUSALS})
def organisations(request: HttpRequest, area: AreaCode) -> list[OrganisationOut]:
    places.area_by_code(area)
    found = queries.departments(area, on=timezone.localdate())
    return [
        OrganisationOut(id=o.pk, name=o.name, kind=o.kind_id, area_code=o.area_code, work_phone=o.work_phone)
        for o in found
    ]
