from django.apps import AppConfig


class Planning(AppConfig):
    name = "mulin.domains.planning"
    label = "planning"
