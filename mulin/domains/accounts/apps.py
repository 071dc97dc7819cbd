from importlib import import_module

from django.apps import AppConfig


class Accounts(AppConfig):
    name = "mulin.domains.accounts"
    label = "accounts"

    def ready(self) -> None:
        import_module("mulin.domains.accounts.presence")
        import_module("mulin.domains.accounts.tasks")
