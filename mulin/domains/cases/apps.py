from importlib import import_module

from django.apps import AppConfig


class Cases(AppConfig):
    name = "mulin.domains.cases"
    label = "cases"

    def ready(self) -> None:
        import_module("mulin.domains.cases.checks")
        import_module("mulin.domains.cases.handlers")
        import_module("mulin.domains.cases.tasks")
        import_module("mulin.domains.cases.pages.notice_words")
        import_module("mulin.domains.cases.pages.revealed")
