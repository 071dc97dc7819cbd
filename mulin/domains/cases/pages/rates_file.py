"""The three rates as a file that says who took it out."""

from datetime import datetime

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from mulin.core.exports import services as exports
from mulin.domains.accounts.models import User
from mulin.domains.cases.pages.rates import RatesPage, as_csv


def rates_file(user: User, page: RatesPage, *, now: datetime) -> HttpResponse:
    """Answer the table as CSV; that it was taken out is written down first."""
    mark = exports.record_figures(actor=user, kind="cases.rates", of=page.area, now=now)
    name = _("三率") + f"-{page.area}-{page.first:%Y%m%d}-{page.last:%Y%m%d}.csv"
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    headers = {"Content-Disposition": disposition}
    return HttpResponse(as_csv(page, mark=mark), content_type="text/csv; charset=utf-8", headers=headers)
