from django.apps import AppConfig


class Duty(AppConfig):
    name = "mulin.domains.duty"
    label = "duty"
