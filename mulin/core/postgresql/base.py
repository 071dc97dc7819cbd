"""A connection that answered a moment ago is taken to be alive.

Django's health check asks the database at the start of every request, a tenth of the cost of a report. Here it asks
only after a pause; a database restarted within it costs each process one failed request, a longer one none.
"""

import time
from typing import Any

from django.db.backends.postgresql import base

TRUSTED_S = 2.0


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._answered_at = float("-inf")

    def is_usable(self) -> bool:
        if time.monotonic() - self._answered_at < TRUSTED_S:
            return True
        usable = super().is_usable()
        self._answered_at = time.monotonic() if usable else float("-inf")
        return usable
