"""What places do by the clock."""

from mulin.core.privacy.retention import register
from mulin.domains.places.services import retention

register("HOUSEHOLD", retention.households_over, retention.delete_households)
