from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class Duty(AppConfig):
    name = "mulin.domains.duty"
    label = "duty"

    def ready(self) -> None:
        for room in ("handlers", "tasks", "checks"):
            import_module(f"mulin.domains.duty.{room}")
        pre_migrate.connect(_without_triggers, sender=self)
        post_migrate.connect(_with_triggers, sender=self)


def _without_triggers(using: str, **_options: Any) -> None:
    import_module("mulin.domains.duty.triggers").remove(using)


def _with_triggers(using: str, **_options: Any) -> None:
    import_module("mulin.domains.duty.triggers").create(using)
