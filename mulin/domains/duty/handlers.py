"""What duty does when something happens elsewhere."""

from django.utils import timezone

from mulin.core.outbox import on
from mulin.domains.duty import queries, services
from mulin.domains.duty.models import EndReason
from mulin.domains.places.events import PlaceClosed


@on(PlaceClosed)
def end_posts_of_closed_place(happened: PlaceClosed) -> None:
    """Nobody is responsible for a place that is no more; open work goes on by the event of each tenure."""
    for tenure in queries.tenures_at(happened.place_id):
        services.end_tenure(actor=None, tenure=tenure, reason=EndReason.PLACE_CLOSED, now=timezone.now())
