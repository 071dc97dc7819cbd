from django.apps import AppConfig


class Core(AppConfig):
    name = "mulin.core"
    label = "core"
