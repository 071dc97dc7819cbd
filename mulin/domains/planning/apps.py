from importlib import import_module

from django.apps import AppConfig


class Planning(AppConfig):
    name = "mulin.domains.planning"
    label = "planning"

    def ready(self) -> None:
        import_module("mulin.domains.planning.pages.notice_words")
        import_module("mulin.domains.planning.tasks")
