from importlib import import_module

from django.apps import AppConfig


class Places(AppConfig):
    name = "mulin.domains.places"
    label = "places"

    def ready(self) -> None:
        import_module("mulin.domains.places.tasks")
