"""The only way from an id to a tenure."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotFound
from mulin.domains.duty import queries
from mulin.domains.duty.models import Tenure
from mulin.domains.places.queries import ancestor_codes, within


class TenureUnknown(NotFound):
    code = "tenure_unknown"
    sentence = _("没有这个任职，或者不在这个地方。")
    remedy = _("请从列表中选择岗位。")


def tenure_near(tenure_id: int, *, area_code: str, now: datetime) -> Tenure:
    """Return an active tenure at a place in the county of `area_code`; raise TenureUnknown."""
    county = ancestor_codes(area_code[:6].ljust(12, "0"))[0]
    near = queries.active(now=now).filter(within(county, "place__area_code"))
    found = near.select_related("post_kind", "place").filter(pk=tenure_id).first()
    if found is None:
        raise TenureUnknown
    return found
