from importlib import import_module

from django.apps import AppConfig


class Duty(AppConfig):
    name = "mulin.domains.duty"
    label = "duty"

    def ready(self) -> None:
        import_module("mulin.domains.duty.handlers")
        import_module("mulin.domains.duty.tasks")
