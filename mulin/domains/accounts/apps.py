from django.apps import AppConfig


class Accounts(AppConfig):
    name = "mulin.domains.accounts"
    label = "accounts"
