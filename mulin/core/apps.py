from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class Core(AppConfig):
    name = "mulin.core"
    label = "core"

    def ready(self) -> None:
        """Register the audit's recurring tasks and checks, and record the writes of the rooms the settings name."""
        import_module("mulin.core.audit.tasks")
        import_module("mulin.core.audit.checks")
        import_module("mulin.core.privacy.tasks")
        import_module("mulin.core.exports.tasks")
        doors = import_module("mulin.core.audit.doors")
        doors.watch(settings.MULIN_AUDITED_SERVICES, leaving_out=settings.MULIN_UNRECORDED_SERVICES)
