"""The only way from an id to an organisation."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotFound
from mulin.domains.organisations import queries
from mulin.domains.organisations.models import Organisation


class OrganisationUnknown(NotFound):
    code = "organisation_unknown"
    sentence = _("没有这个单位，或者它不服务于这个地方。")
    remedy = _("请从列表中选择单位。")


def organisation_serving(organisation_id: int, *, area_code: str, now: datetime) -> Organisation:
    """Return the organisation if it serves the area today; raise OrganisationUnknown."""
    found = queries.serving(area_code, on=timezone.localdate(now)).filter(pk=organisation_id).first()
    if found is None:
        raise OrganisationUnknown
    return found


def organisation_known(organisation_id: int) -> Organisation:
    """Return an organisation of any area; raise OrganisationUnknown."""
    found = queries.organisation_if_known(organisation_id)
    if found is None:
        raise OrganisationUnknown
    return found
